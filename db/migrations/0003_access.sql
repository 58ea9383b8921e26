-- Who may do what: roles turn the security levels of a token into permissions.

create table roles (
    id text collate "C" not null,
    security_levels text collate "C" not null,
    permissions text collate "C" not null,
    role_requirement_type text collate "C" not null default 'ANY',
    enabled boolean not null default true,
    notes text collate "C",
    spare1 text collate "C",
    spare2 text collate "C",
    spare3 text collate "C",
    created_date timestamptz not null default now(),
    created_by text collate "C" not null default 'system',
    modified_date timestamptz,
    modified_by text collate "C",
    version integer not null default 1,
    constraint roles_pkey primary key (id),
    constraint roles_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint roles_role_requirement_type_check check (role_requirement_type in ('ANY', 'ALL'))
);

-- Of a token's secret only the SHA-256 is kept.
create table api_tokens (
    id text collate "C" not null,
    name text collate "C" not null,
    secret_sha256 bytea not null,
    security_levels text[] not null,
    created_date timestamptz not null default now(),
    expires_date timestamptz,
    revoked_date timestamptz,
    constraint api_tokens_pkey primary key (id),
    constraint api_tokens_name_check check (length(name) between 1 and 255),
    constraint api_tokens_secret_sha256_check check (length(secret_sha256) = 32)
);
