-- Properties of materials, which belong to a class, with their values, and properties of locations.

create table material_properties (
    id text collate "C" not null,
    name text collate "C" not null,
    material_class_id text collate "C" not null,
    description text collate "C",
    data_type text collate "C" not null default 'String',
    low_limit double precision,
    high_limit double precision,
    format text collate "C",
    unit_of_measure_id text collate "C",
    options text collate "C",
    nullable boolean not null default false,
    default_int_value bigint,
    default_float_value double precision,
    default_string_value text collate "C",
    default_date_value timestamptz,
    default_blob_value bytea,
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
    constraint material_properties_pkey primary key (id),
    constraint material_properties_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint material_properties_material_class_id_fkey foreign key (material_class_id) references material_classes (id),
    constraint material_properties_unit_of_measure_id_fkey foreign key (unit_of_measure_id) references unit_of_measure (id),
    constraint material_properties_class_name_key unique (material_class_id, name),
    constraint material_properties_id_data_type_key unique (id, data_type),
    constraint material_properties_name_check check (length(name) between 1 and 255),
    constraint material_properties_data_type_check check (data_type in ('String', 'Int', 'Float', 'Boolean', 'DateTime', 'Blob')),
    constraint material_properties_low_limit_check check (low_limit > '-Infinity' and low_limit < 'Infinity'),
    constraint material_properties_high_limit_check check (
        high_limit >= low_limit and high_limit > '-Infinity' and high_limit < 'Infinity'
    ),
    constraint material_properties_default_value_check check (
        (default_string_value is null or data_type = 'String')
        and (default_int_value is null or data_type = 'Int' or data_type = 'Boolean' and default_int_value in (0, 1))
        and (default_float_value is null or data_type = 'Float' and default_float_value > '-Infinity' and default_float_value < 'Infinity')
        and (default_date_value is null or data_type = 'DateTime')
        and (default_blob_value is null or data_type = 'Blob')
    )
);
create index material_properties_unit_of_measure_id_idx on material_properties (unit_of_measure_id);

-- A value's data type is that of its property: the foreign key over both keeps it so, whoever changes either.
create table material_property_values (
    id text collate "C" not null,
    material_id text collate "C" not null,
    property_id text collate "C" not null,
    data_type text collate "C" not null,
    int_value bigint,
    float_value double precision,
    string_value text collate "C",
    date_value timestamptz,
    blob_value bytea,
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
    constraint material_property_values_pkey primary key (id),
    constraint material_property_values_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint material_property_values_material_id_fkey foreign key (material_id) references materials (id),
    constraint material_property_values_property_id_fkey foreign key (property_id) references material_properties (id),
    constraint material_property_values_data_type_fkey foreign key (property_id, data_type) references material_properties (id, data_type),
    constraint material_property_values_material_property_key unique (material_id, property_id),
    constraint material_property_values_data_type_check check (data_type in ('String', 'Int', 'Float', 'Boolean', 'DateTime', 'Blob')),
    constraint material_property_values_value_check check (
        (string_value is null or data_type = 'String')
        and (int_value is null or data_type = 'Int' or data_type = 'Boolean' and int_value in (0, 1))
        and (float_value is null or data_type = 'Float' and float_value > '-Infinity' and float_value < 'Infinity')
        and (date_value is null or data_type = 'DateTime')
        and (blob_value is null or data_type = 'Blob')
    )
);
create index material_property_values_property_id_data_type_idx on material_property_values (property_id, data_type);

create table location_properties (
    id text collate "C" not null,
    name text collate "C" not null,
    description text collate "C",
    data_type text collate "C" not null default 'String',
    low_limit double precision,
    high_limit double precision,
    format text collate "C",
    unit_of_measure_id text collate "C",
    options text collate "C",
    nullable boolean not null default false,
    default_int_value bigint,
    default_float_value double precision,
    default_string_value text collate "C",
    default_date_value timestamptz,
    default_blob_value bytea,
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
    constraint location_properties_pkey primary key (id),
    constraint location_properties_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint location_properties_unit_of_measure_id_fkey foreign key (unit_of_measure_id) references unit_of_measure (id),
    constraint location_properties_name_key unique (name),
    constraint location_properties_name_check check (length(name) between 1 and 255),
    constraint location_properties_data_type_check check (data_type in ('String', 'Int', 'Float', 'Boolean', 'DateTime', 'Blob')),
    constraint location_properties_low_limit_check check (low_limit > '-Infinity' and low_limit < 'Infinity'),
    constraint location_properties_high_limit_check check (
        high_limit >= low_limit and high_limit > '-Infinity' and high_limit < 'Infinity'
    ),
    constraint location_properties_default_value_check check (
        (default_string_value is null or data_type = 'String')
        and (default_int_value is null or data_type = 'Int' or data_type = 'Boolean' and default_int_value in (0, 1))
        and (default_float_value is null or data_type = 'Float' and default_float_value > '-Infinity' and default_float_value < 'Infinity')
        and (default_date_value is null or data_type = 'DateTime')
        and (default_blob_value is null or data_type = 'Blob')
    )
);
create index location_properties_unit_of_measure_id_idx on location_properties (unit_of_measure_id);
