-- The answers to requests with an idempotency key, stored together with what these requests saved.

create table idempotent_answers (
    caller text collate "C" not null,
    key text collate "C" not null,
    request_sha256 bytea not null,
    -- JSON in UTF-8; null until what the request asked for is done, which nobody else can see.
    data bytea,
    errors bytea,
    created_date timestamptz not null default now(),
    constraint idempotent_answers_pkey primary key (caller, key),
    constraint idempotent_answers_key_check check (length(key) between 1 and 255),
    constraint idempotent_answers_request_sha256_check check (length(request_sha256) = 32)
);

create index idempotent_answers_created_date_idx on idempotent_answers (created_date);
