-- What refers to a record, up to so many rows: asked of the catalog, so that no foreign key can be forgotten.

create function references_to(target regclass, target_id text, most bigint)
returns table (table_name text, column_name text, id text)
language plpgsql stable as $$
declare
    referring record;
    found bigint := 0;
    further bigint;
begin
    for referring in
        select conrelid::regclass as referrer, attname
        from pg_constraint
        join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'f' and confrelid = target and cardinality(conkey) = 1
        order by conrelid::regclass::text, attname
    loop
        return query execute format(
            'select %L::text, %L::text, referrer.id::text from %s referrer where %I = $1 order by referrer.id limit $2',
            referring.referrer, referring.attname, referring.referrer, referring.attname
        ) using target_id, most - found;
        get diagnostics further = row_count;
        found := found + further;
        exit when found >= most;
    end loop;
end
$$;
