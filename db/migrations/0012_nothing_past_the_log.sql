-- What could pass the log of changes by: a token's new secret, values that a session had spelled with fewer digits, and
-- lines of a role that was given too much.

-- As the session spells them, two numbers may look the same.
alter function log_changes() set extra_float_digits = 1 set timezone = 'UTC' set bytea_output = 'hex';

-- As before (0009), but for the secret: that it is another one is told, and nothing of what it is.
do $do$
begin
    execute format($create$
        create or replace function log_token_changes() returns trigger
        language plpgsql security definer
        set search_path = pg_catalog, pg_temp set extra_float_digits = 1 set timezone = 'UTC' set bytea_output = 'hex'
        as $body$
        declare
            told constant text := coalesce(current_setting('mes_orders.request', true), '');
            request constant text := nullif(split_part(told, ' ', 1), '');
            caller constant text := coalesce(nullif(substr(told, strpos(told, ' ') + 1), ''), session_user);
        begin
            if tg_op = 'INSERT' then
                insert into %1$I.changes (record_type, record_id, changed_by, changed_date, request_id, new)
                select tg_argv[0], id, caller, now(), request, (to_jsonb(logged) - 'secret_sha256')::json
                from new_rows logged;
            elsif tg_op = 'DELETE' then
                insert into %1$I.changes (record_type, record_id, changed_by, changed_date, request_id, old)
                select tg_argv[0], id, caller, now(), request, (to_jsonb(logged) - 'secret_sha256')::json
                from old_rows logged;
            else
                insert into %1$I.changes (record_type, record_id, changed_by, changed_date, request_id, old, new)
                select tg_argv[0], id, caller, now(), request, (before - same)::json, (after - same || other)::json
                from (
                    select changed.*,
                        array(select key from jsonb_each(after) where value = before -> key) as same
                    from (
                        select id, to_jsonb(o) - 'secret_sha256' as before, to_jsonb(n) - 'secret_sha256' as after,
                            case when o.secret_sha256 <> n.secret_sha256 then '{"secret": "changed"}'::jsonb else '{}' end
                                as other
                        from old_rows o
                        full join new_rows n using (id)
                        where o is distinct from n
                        offset 0
                    ) changed
                    where before is distinct from after or other <> '{}'
                    offset 0
                ) differing;
            end if;
            return null;
        end
        $body$
    $create$, current_schema());
end
$do$;

-- Only who owns the log writes into it, in a trigger: whoever has a trigger of their own is somebody else. Nothing in here
-- is found by the session's path.
create function keep_out_of_changes() returns trigger language plpgsql as $$
begin
    if pg_catalog.pg_trigger_depth() operator(pg_catalog.>) 1 and exists (
        select from pg_catalog.pg_class
        where oid operator(pg_catalog.=) tg_relid and pg_catalog.pg_has_role(relowner, 'member')
    ) then
        return null;
    end if;
    raise insufficient_privilege using message = 'the log of changes is only ever added to, and only by the database itself';
end
$$;
revoke execute on function keep_out_of_changes() from public;
drop trigger keep_out_of_changes on changes;
create trigger keep_out_of_changes before insert on changes
for each statement execute function keep_out_of_changes();
