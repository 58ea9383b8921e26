-- Several requests may store their new records with one statement, which tells of each where it comes from: then the setting
-- is a JSON object of what it would be for one, by the records' ids. The id of a request has no brace.
do $do$
begin
    execute replace(
        pg_get_functiondef('log_changes'::regproc),
        $old$if tg_op = 'INSERT' then$old$,
        format(
            $new$if tg_op = 'INSERT' and told like '{%%' then
                    insert into %I.changes
                        (record_type, record_id, version, changed_by, changed_date, request_id, new)
                    select tg_argv[0], id, version, coalesce(nullif(substr(origin, strpos(origin, ' ') + 1), ''), session_user),
                        clock_timestamp(), nullif(split_part(origin, ' ', 1), ''), to_json(logged)
                    from new_rows logged
                    cross join lateral (select coalesce(told::json ->> id, '') as origin) of_one;
                elsif tg_op = 'INSERT' then$new$,
            current_schema()
        )
    );
end
$do$;
