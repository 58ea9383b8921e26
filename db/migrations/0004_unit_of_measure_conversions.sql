-- Conversions between units of measure, for every material or for one.

create table unit_of_measure_conversions (
    id text collate "C" not null,
    from_unit_of_measure_id text collate "C" not null,
    to_unit_of_measure_id text collate "C" not null,
    conversion_factor double precision not null,
    material_id text collate "C",
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
    constraint unit_of_measure_conversions_pkey primary key (id),
    constraint unit_of_measure_conversions_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint unit_of_measure_conversions_from_unit_of_measure_id_fkey foreign key (from_unit_of_measure_id) references unit_of_measure (id),
    constraint unit_of_measure_conversions_to_unit_of_measure_id_fkey foreign key (to_unit_of_measure_id) references unit_of_measure (id),
    constraint unit_of_measure_conversions_material_id_fkey foreign key (material_id) references materials (id),
    constraint unit_of_measure_conversions_from_to_material_key unique nulls not distinct (from_unit_of_measure_id, to_unit_of_measure_id, material_id),
    constraint unit_of_measure_conversions_to_unit_of_measure_id_check check (to_unit_of_measure_id <> from_unit_of_measure_id),
    constraint unit_of_measure_conversions_conversion_factor_check check (conversion_factor > 0 and conversion_factor < 'Infinity')
);
create index unit_of_measure_conversions_to_unit_of_measure_id_idx on unit_of_measure_conversions (to_unit_of_measure_id);
create index unit_of_measure_conversions_material_id_idx on unit_of_measure_conversions (material_id);
