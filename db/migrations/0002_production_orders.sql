-- Production orders with their properties, property values and bills of materials.

create table production_orders (
    id text collate "C" not null,
    name text collate "C" not null,
    start_date timestamptz,
    due_date timestamptz,
    end_date timestamptz,
    quantity double precision not null default 0,
    quantity_produced double precision not null default 0,
    quantity_scheduled double precision not null default 0,
    schedule_priority text collate "C" not null default 'NORMAL',
    status text collate "C" not null default 'IDLE',
    location_id text collate "C",
    product_material_id text collate "C" not null,
    customer_id text collate "C",
    shift_record_id text collate "C",
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
    constraint production_orders_pkey primary key (id),
    constraint production_orders_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint production_orders_location_id_fkey foreign key (location_id) references locations (id),
    constraint production_orders_product_material_id_fkey foreign key (product_material_id) references materials (id),
    constraint production_orders_customer_id_fkey foreign key (customer_id) references customers (id),
    constraint production_orders_shift_record_id_fkey foreign key (shift_record_id) references shift_records (id),
    constraint production_orders_unit_of_measure_id_fkey foreign key (unit_of_measure_id) references unit_of_measure (id),
    constraint production_orders_name_key unique (name),
    constraint production_orders_name_check check (length(name) between 1 and 255),
    constraint production_orders_quantity_check check (quantity >= 0 and quantity < 'Infinity'),
    constraint production_orders_quantity_produced_check check (quantity_produced >= 0 and quantity_produced < 'Infinity'),
    constraint production_orders_quantity_scheduled_check check (quantity_scheduled >= 0 and quantity_scheduled < 'Infinity'),
    constraint production_orders_schedule_priority_check check (schedule_priority in ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
    constraint production_orders_status_check check (status in ('IDLE', 'SCHEDULED', 'RUNNING', 'PAUSED', 'STOPPED', 'CLOSED', 'CANCELLED')),
    constraint production_orders_end_date_check check (end_date >= start_date)
);
create index production_orders_location_id_idx on production_orders (location_id);
create index production_orders_product_material_id_idx on production_orders (product_material_id);
create index production_orders_customer_id_idx on production_orders (customer_id);
create index production_orders_shift_record_id_idx on production_orders (shift_record_id);
create index production_orders_unit_of_measure_id_idx on production_orders (unit_of_measure_id);
create index production_orders_status_due_date_idx on production_orders (status, due_date, id);
create index production_orders_due_date_idx on production_orders (due_date, id);

create table production_order_properties (
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
    constraint production_order_properties_pkey primary key (id),
    constraint production_order_properties_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint production_order_properties_unit_of_measure_id_fkey foreign key (unit_of_measure_id) references unit_of_measure (id),
    constraint production_order_properties_name_key unique (name),
    constraint production_order_properties_id_data_type_key unique (id, data_type),
    constraint production_order_properties_name_check check (length(name) between 1 and 255),
    constraint production_order_properties_data_type_check check (data_type in ('String', 'Int', 'Float', 'Boolean', 'DateTime', 'Blob')),
    constraint production_order_properties_low_limit_check check (low_limit > '-Infinity' and low_limit < 'Infinity'),
    constraint production_order_properties_high_limit_check check (
        high_limit >= low_limit and high_limit > '-Infinity' and high_limit < 'Infinity'
    ),
    constraint production_order_properties_default_value_check check (
        (default_string_value is null or data_type = 'String')
        and (default_int_value is null or data_type = 'Int' or data_type = 'Boolean' and default_int_value in (0, 1))
        and (default_float_value is null or data_type = 'Float' and default_float_value > '-Infinity' and default_float_value < 'Infinity')
        and (default_date_value is null or data_type = 'DateTime')
        and (default_blob_value is null or data_type = 'Blob')
    )
);
create index production_order_properties_unit_of_measure_id_idx on production_order_properties (unit_of_measure_id);

-- A value's data type is that of its property: the foreign key over both keeps it so, whoever changes either.
create table production_order_property_values (
    id text collate "C" not null,
    production_order_id text collate "C" not null,
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
    constraint production_order_property_values_pkey primary key (id),
    constraint production_order_property_values_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint production_order_property_values_production_order_id_fkey foreign key (production_order_id) references production_orders (id),
    constraint production_order_property_values_property_id_fkey foreign key (property_id) references production_order_properties (id),
    constraint production_order_property_values_data_type_fkey foreign key (property_id, data_type) references production_order_properties (id, data_type),
    constraint production_order_property_values_order_property_key unique (production_order_id, property_id),
    constraint production_order_property_values_data_type_check check (data_type in ('String', 'Int', 'Float', 'Boolean', 'DateTime', 'Blob')),
    constraint production_order_property_values_value_check check (
        (string_value is null or data_type = 'String')
        and (int_value is null or data_type = 'Int' or data_type = 'Boolean' and int_value in (0, 1))
        and (float_value is null or data_type = 'Float' and float_value > '-Infinity' and float_value < 'Infinity')
        and (date_value is null or data_type = 'DateTime')
        and (blob_value is null or data_type = 'Blob')
    )
);
create index production_order_property_values_property_id_data_type_idx on production_order_property_values (property_id, data_type);

create table production_order_bill_of_materials (
    id text collate "C" not null,
    material_group text collate "C" not null,
    material_type text collate "C" not null default 'PRODUCT',
    position integer not null default 0,
    quantity_order double precision not null,
    quantity_per_produced_unit double precision not null,
    material_id text collate "C" not null,
    product_material_id text collate "C",
    production_order_id text collate "C",
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
    constraint production_order_bill_of_materials_pkey primary key (id),
    constraint production_order_bill_of_materials_id_check check (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}$'),
    constraint production_order_bill_of_materials_material_id_fkey foreign key (material_id) references materials (id),
    constraint production_order_bill_of_materials_product_material_id_fkey foreign key (product_material_id) references materials (id),
    constraint production_order_bill_of_materials_production_order_id_fkey foreign key (production_order_id) references production_orders (id),
    constraint production_order_bill_of_materials_unit_of_measure_id_fkey foreign key (unit_of_measure_id) references unit_of_measure (id),
    constraint production_order_bill_of_materials_material_type_check check (material_type in ('COMPONENT', 'PRODUCT', 'BYPRODUCT')),
    constraint production_order_bill_of_materials_position_check check (position >= 0),
    constraint production_order_bill_of_materials_quantity_order_check check (quantity_order >= 0 and quantity_order < 'Infinity'),
    constraint production_order_bill_of_materials_quantity_per_produced_check check (quantity_per_produced_unit >= 0 and quantity_per_produced_unit < 'Infinity')
);
create index production_order_bill_of_materials_order_position_idx on production_order_bill_of_materials (production_order_id, position);
create index production_order_bill_of_materials_material_id_idx on production_order_bill_of_materials (material_id);
create index production_order_bill_of_materials_product_material_id_idx on production_order_bill_of_materials (product_material_id);
create index production_order_bill_of_materials_unit_of_measure_id_idx on production_order_bill_of_materials (unit_of_measure_id);
