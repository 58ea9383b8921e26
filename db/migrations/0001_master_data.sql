-- Units of measure, materials and their classes, locations, customers, shifts.
--
-- Texts are compared by code point, on every server alike: an index serves what begins with a text, the order of names
-- is that of the clients' languages, and no update of an operating system changes it.

create table unit_of_measure (
    id text collate "C" not null,
    name text collate "C" not null,
    symbol text collate "C" not null,
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
    constraint unit_of_measure_pkey primary key (id),
    constraint unit_of_measure_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint unit_of_measure_name_key unique (name),
    constraint unit_of_measure_symbol_key unique (symbol),
    constraint unit_of_measure_name_check check (length(name) between 1 and 255)
);

create table material_classes (
    id text collate "C" not null,
    parent_id text collate "C",
    name text collate "C" not null,
    description text collate "C",
    path text collate "C" not null,
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
    constraint material_classes_pkey primary key (id),
    constraint material_classes_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint material_classes_parent_id_fkey foreign key (parent_id) references material_classes (id),
    constraint material_classes_path_key unique (path),
    constraint material_classes_name_check check (length(name) between 1 and 255)
);
create index material_classes_parent_id_idx on material_classes (parent_id);

create table materials (
    id text collate "C" not null,
    name text collate "C" not null,
    description text collate "C",
    erp_id text collate "C",
    path text collate "C" not null,
    shelf_life_days integer,
    image bytea,
    material_class_id text collate "C" not null,
    safety_data_sheet_id text collate "C",
    unit_of_measure_id text collate "C" not null,
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
    constraint materials_pkey primary key (id),
    constraint materials_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint materials_material_class_id_fkey foreign key (material_class_id) references material_classes (id),
    constraint materials_unit_of_measure_id_fkey foreign key (unit_of_measure_id) references unit_of_measure (id),
    constraint materials_path_key unique (path),
    constraint materials_erp_id_key unique (erp_id),
    constraint materials_name_check check (length(name) between 1 and 255),
    constraint materials_shelf_life_days_check check (shelf_life_days >= 0)
);
create index materials_name_idx on materials (name);
create index materials_material_class_id_idx on materials (material_class_id);
create index materials_unit_of_measure_id_idx on materials (unit_of_measure_id);

create table locations (
    id text collate "C" not null,
    name text collate "C" not null,
    description text collate "C",
    parent_id text collate "C",
    type text collate "C" not null default 'ENTERPRISE',
    process_type text collate "C" not null default 'NONE',
    sort_order integer not null default 0,
    allow_negative_inventory boolean not null default false,
    storage_capacity double precision,
    storage_capacity_unit_id text collate "C",
    lot_storage_strategy text collate "C" not null default 'NO_STORAGE',
    lot_use_strategy text collate "C" not null default 'FIFO',
    path text collate "C" not null,
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
    constraint locations_pkey primary key (id),
    constraint locations_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint locations_parent_id_fkey foreign key (parent_id) references locations (id),
    constraint locations_storage_capacity_unit_id_fkey foreign key (storage_capacity_unit_id) references unit_of_measure (id),
    constraint locations_path_key unique (path),
    constraint locations_name_check check (length(name) between 1 and 255),
    constraint locations_type_check check (type in ('ENTERPRISE', 'SITE', 'AREA', 'LINE', 'CELL', 'UNIT', 'PROCESS_CELL', 'PRODUCTION_UNIT', 'STORAGE_ZONE', 'STORAGE_UNIT')),
    constraint locations_process_type_check check (process_type in ('NONE', 'BATCH', 'CONTINUOUS', 'DISCRETE')),
    constraint locations_lot_storage_strategy_check check (lot_storage_strategy in ('NO_STORAGE', 'SINGLE_LOT', 'MULTIPLE_LOTS')),
    constraint locations_lot_use_strategy_check check (lot_use_strategy in ('FIFO', 'LIFO', 'FEFO')),
    constraint locations_storage_capacity_check check (storage_capacity >= 0 and storage_capacity < 'Infinity')
);
create index locations_parent_id_idx on locations (parent_id);
create index locations_storage_capacity_unit_id_idx on locations (storage_capacity_unit_id);

create table customers (
    id text collate "C" not null,
    name text collate "C" not null,
    description text collate "C",
    address text collate "C",
    city text collate "C",
    state text collate "C",
    country text collate "C",
    zip text collate "C",
    primary_contact text collate "C",
    primary_contact_email text collate "C",
    primary_contact_phone text collate "C",
    alt_contact text collate "C",
    alt_contact_email text collate "C",
    alt_contact_phone text collate "C",
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
    constraint customers_pkey primary key (id),
    constraint customers_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint customers_name_key unique (name),
    constraint customers_name_check check (length(name) between 1 and 255)
);

create table shifts (
    id text collate "C" not null,
    name text collate "C" not null,
    description text collate "C",
    shift_schedule_name text collate "C",
    shift_schedule_source text collate "C" not null default 'IGNITION_SCHEDULE',
    running_conflict_strategy text collate "C" not null default 'STOP_PREVIOUS',
    start_trigger_expression text collate "C",
    start_trigger_type text collate "C" not null default 'RISING_EDGE',
    stop_trigger_expression text collate "C",
    stop_trigger_type text collate "C" not null default 'FALLING_EDGE',
    location_id text collate "C" not null,
    current_shift_record_id text collate "C",
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
    constraint shifts_pkey primary key (id),
    constraint shifts_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint shifts_location_id_fkey foreign key (location_id) references locations (id),
    constraint shifts_location_id_name_key unique (location_id, name),
    constraint shifts_name_check check (length(name) between 1 and 255),
    constraint shifts_shift_schedule_source_check check (shift_schedule_source in ('IGNITION_SCHEDULE', 'TRIGGER', 'MANUAL')),
    constraint shifts_running_conflict_strategy_check check (running_conflict_strategy in ('STOP_PREVIOUS', 'KEEP_PREVIOUS', 'RUN_BOTH')),
    constraint shifts_start_trigger_type_check check (start_trigger_type in ('RISING_EDGE', 'FALLING_EDGE', 'ANY_CHANGE')),
    constraint shifts_stop_trigger_type_check check (stop_trigger_type in ('RISING_EDGE', 'FALLING_EDGE', 'ANY_CHANGE'))
);
create index shifts_current_shift_record_id_idx on shifts (current_shift_record_id);

create table shift_records (
    id text collate "C" not null,
    start_date timestamptz,
    end_date timestamptz,
    status text collate "C" not null default 'IDLE',
    duration double precision generated always as (extract(epoch from end_date - start_date)) stored,
    location_id text collate "C" not null,
    shift_id text collate "C" not null,
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
    constraint shift_records_pkey primary key (id),
    constraint shift_records_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint shift_records_location_id_fkey foreign key (location_id) references locations (id),
    constraint shift_records_shift_id_fkey foreign key (shift_id) references shifts (id),
    constraint shift_records_status_check check (status in ('IDLE', 'RUNNING', 'COMPLETED')),
    constraint shift_records_end_date_check check (end_date >= start_date)
);
create index shift_records_location_id_start_date_idx on shift_records (location_id, start_date);
create index shift_records_shift_id_idx on shift_records (shift_id);

alter table shifts add constraint shifts_current_shift_record_id_fkey foreign key (current_shift_record_id) references shift_records (id);
