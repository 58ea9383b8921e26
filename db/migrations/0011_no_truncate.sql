-- A truncate tells no trigger which rows it takes, so it could not be logged: where changes are logged, it is refused.
-- `delete` does the same, is logged, and lets those go on who read at that moment.

create function refuse_truncate() returns trigger language plpgsql as $$
begin
    raise insufficient_privilege using
        message = format('%I is not truncated, because that could not be logged', tg_table_name),
        hint = 'Delete the rows.';
end
$$;
revoke execute on function refuse_truncate() from public;

create or replace procedure log_changes_of(logged regclass, record_type text, log text default 'log_changes')
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
    execute format(
        'create trigger refuse_truncate before truncate on %s for each statement execute function refuse_truncate()',
        logged);
end
$$;

do $$
declare
    logged regclass;
begin
    for logged in
        select tgrelid::regclass
        from pg_trigger join pg_class on pg_class.oid = tgrelid
        where tgname = 'log_deletes' and relnamespace = current_schema()::regnamespace
        order by 1
    loop
        execute format(
            'create trigger refuse_truncate before truncate on %s for each statement execute function refuse_truncate()',
            logged);
    end loop;
end
$$;
