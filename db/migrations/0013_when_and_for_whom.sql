-- What can't be made to look older than it is, and what is told again only to who may still see it.

-- A transaction may be begun long before it changes anything; the log tells when it was changed.
do $do$
declare
    name text;
begin
    foreach name in array array['log_changes', 'log_token_changes'] loop
        execute replace(pg_get_functiondef(name::regproc), ' now(),', ' clock_timestamp(),');
    end loop;
end
$do$;

-- What the caller was granted when the answer was made.
alter table idempotent_answers add column granted text[] collate "C" not null default '{}';
