-- What became of every record: each create, change and delete with who, when and the values, in the same transaction.

create table changes (
    id bigint generated always as identity,
    record_type text collate "C" not null,
    record_id text collate "C" not null,
    version integer,
    changed_by text collate "C" not null,
    changed_date timestamptz not null,
    request_id text collate "C",
    old json,
    new json,
    constraint changes_pkey primary key (id)
);
create index changes_record_id_idx on changes (record_id, id);
create index changes_record_type_idx on changes (record_type, id);

-- The function runs as the owner of the tables, so that nobody else needs the right to write the log. It says itself which
-- schema it writes to, whatever the session's path leads to. There is one for records and one for tokens, which have no
-- version and a secret. JSON is made in half of the time of JSONB, which is only needed to find what differs.
do $do$
declare
    variant record;
begin
    for variant in
        select *
        from (
            values
                ('log_changes', 'version', 'to_json(logged)', ''),
                ('log_token_changes', 'null', '(to_jsonb(logged) - ''secret_sha256'')::json', ' - ''secret_sha256''')
        ) variants (name, version, whole, kept_out)
    loop
        execute format($create$
            create function %2$I() returns trigger
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
            declare
                -- The request's id and the caller, as the statement has told them; empty outside of a request.
                told constant text := coalesce(current_setting('mes_orders.request', true), '');
                request constant text := nullif(split_part(told, ' ', 1), '');
                caller constant text := coalesce(nullif(substr(told, strpos(told, ' ') + 1), ''), session_user);
            begin
                if tg_op = 'INSERT' then
                    insert into %1$I.changes (record_type, record_id, version, changed_by, changed_date, request_id, new)
                    select tg_argv[0], id, %3$s, caller, now(), request, %4$s from new_rows logged;
                elsif tg_op = 'DELETE' then
                    insert into %1$I.changes (record_type, record_id, version, changed_by, changed_date, request_id, old)
                    select tg_argv[0], id, %3$s, caller, now(), request, %4$s from old_rows logged;
                else
                    -- A full join can't be planned as a loop in a loop: the plan that is kept from saves of one row
                    -- serves thousands. `offset 0` lets each row become JSONB once.
                    insert into %1$I.changes
                        (record_type, record_id, version, changed_by, changed_date, request_id, old, new)
                    select tg_argv[0], id, (coalesce(after, before) ->> 'version')::integer, caller, now(), request,
                        (before - same)::json, (after - same)::json
                    from (
                        select changed.*,
                            array(select key from jsonb_each(after) where value = before -> key) as same
                        from (
                            select id, to_jsonb(o)%5$s as before, to_jsonb(n)%5$s as after
                            from old_rows o
                            full join new_rows n using (id)
                            where o is distinct from n
                            offset 0
                        ) changed
                        where before is distinct from after
                        offset 0
                    ) differing;
                end if;
                return null;
            end
            $body$
        $create$, current_schema(), variant.name, variant.version, variant.whole, variant.kept_out);
        execute format('revoke execute on function %I() from public', variant.name);
    end loop;
end
$do$;

-- Writes down from now on what becomes of the rows of a table.
create procedure log_changes_of(logged regclass, record_type text, log text default 'log_changes')
language plpgsql as $$
begin
    execute format(
        'create trigger log_inserts after insert on %s referencing new table as new_rows
         for each statement execute function %I(%L)', logged, log, record_type);
    execute format(
        'create trigger log_updates after update on %s referencing old table as old_rows new table as new_rows
         for each statement execute function %I(%L)', logged, log, record_type);
    execute format(
        'create trigger log_deletes after delete on %s referencing old table as old_rows
         for each statement execute function %I(%L)', logged, log, record_type);
end
$$;
revoke execute on procedure log_changes_of from public;

call log_changes_of('production_orders', 'ProductionOrder');
call log_changes_of('production_order_properties', 'ProductionOrderProperty');
call log_changes_of('production_order_property_values', 'ProductionOrderPropertyValue');
call log_changes_of('production_order_bill_of_materials', 'BillOfMaterialsItem');
call log_changes_of('materials', 'Material');
call log_changes_of('material_classes', 'MaterialClass');
call log_changes_of('material_properties', 'MaterialProperty');
call log_changes_of('material_property_values', 'MaterialPropertyValue');
call log_changes_of('unit_of_measure', 'UnitOfMeasure');
call log_changes_of('unit_of_measure_conversions', 'UnitOfMeasureConversion');
call log_changes_of('locations', 'Location');
call log_changes_of('location_properties', 'LocationProperty');
call log_changes_of('customers', 'Customer');
call log_changes_of('shifts', 'Shift');
call log_changes_of('shift_records', 'ShiftRecord');
call log_changes_of('roles', 'Role');
call log_changes_of('api_tokens', 'ApiToken', 'log_token_changes');

-- Who owns the tables could do anything to the log; this keeps it as it is against all but intent.
create function keep_changes() returns trigger language plpgsql as $$
begin
    raise insufficient_privilege using message = 'the log of changes is only ever added to, and only by the database itself';
end
$$;
create trigger keep_changes before update or delete or truncate on changes
for each statement execute function keep_changes();
create trigger keep_out_of_changes before insert on changes
for each statement when (pg_trigger_depth() = 0) execute function keep_changes();
