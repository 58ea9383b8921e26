-- One row for each primary that this database has had: a standby that has the newest one follows the present primary.
create table timelines (
    timeline integer primary key,
    mark uuid not null default gen_random_uuid(),
    noticed_date timestamptz not null default now()
);
