-- A plant with as many production orders as the setting bench.orders says, the same ones each time.
--
-- Every row refers to rows that are there by construction, so the foreign keys need not be asked row by row.
set session_replication_role = replica;

-- The ids are ULIDs of the past whose random part counts: ids that are given later sort after them.
create function pg_temp.numbered(kind text, number bigint) returns text language sql immutable as $$
    select '01JCH3ENG' || kind
        || '-' || lpad((number / 100000000)::text, 8, '0')
        || '-' || lpad((number % 100000000)::text, 8, '0')
$$;

create function pg_temp.orders() returns bigint language sql stable as $$
    select current_setting('bench.orders')::bigint
$$;

insert into unit_of_measure (id, name, symbol)
select pg_temp.numbered('1', n), 'Unit ' || n, 'u' || n
from generate_series(0, 11) n;

insert into material_classes (id, parent_id, name, path)
select pg_temp.numbered('2', n), null, 'Class ' || n, '/Class ' || n
from generate_series(0, 9) n
union all
select pg_temp.numbered('2', n), pg_temp.numbered('2', n % 10), 'Class ' || n, '/Class ' || n % 10 || '/Class ' || n
from generate_series(10, 109) n;

insert into materials (id, name, path, erp_id, material_class_id, unit_of_measure_id)
select pg_temp.numbered('3', n), 'Material ' || n, class.path || '/Material ' || n, 'ERP-' || n, class.id,
    pg_temp.numbered('1', n % 12)
from generate_series(0, 999) n
join material_classes class on class.id = pg_temp.numbered('2', 10 + n % 100);

insert into locations (id, parent_id, name, type, path)
select pg_temp.numbered('4', 0), null, 'Plant', 'SITE', '/Plant'
union all
select pg_temp.numbered('4', n), pg_temp.numbered('4', 0), 'Line ' || n, 'LINE', '/Plant/Line ' || n
from generate_series(1, 20) n;

insert into customers (id, name, city)
select pg_temp.numbered('5', n), 'Customer ' || n, 'City ' || n % 40
from generate_series(0, 199) n;

insert into shifts (id, name, location_id)
select pg_temp.numbered('6', n), (array['Early', 'Late', 'Night'])[1 + n % 3], pg_temp.numbered('4', 1 + n / 3)
from generate_series(0, 59) n;

insert into shift_records (id, shift_id, location_id, status, start_date, end_date)
select pg_temp.numbered('7', n), shift.id, shift.location_id, 'COMPLETED', starts, starts + interval '8 hours'
from generate_series(0, 599) n
join shifts shift on shift.id = pg_temp.numbered('6', n % 60)
cross join lateral (select timestamptz '2026-01-01 06:00Z' + n / 60 * interval '1 day' as starts) started;

insert into production_order_properties (id, name, data_type)
select pg_temp.numbered('8', n), 'Property ' || n, 'String'
from generate_series(0, 4) n;

-- 7,919 is a prime that no number of orders is a multiple of: every order is due at a minute of its own, and the orders
-- of a page lie far from each other.
insert into production_orders (
    id, name, status, schedule_priority, quantity, quantity_produced, quantity_scheduled, start_date, end_date, due_date,
    location_id, product_material_id, customer_id, shift_record_id, unit_of_measure_id, notes, spare1, spare2,
    created_date, created_by, modified_date, modified_by
)
select pg_temp.numbered('A', n), 'Order ' || lpad(n::text, 7, '0'),
    (array['IDLE', 'SCHEDULED', 'RUNNING', 'STOPPED', 'CLOSED'])[1 + n % 5],
    (array['LOW', 'NORMAL', 'HIGH', 'URGENT'])[1 + n % 4],
    100 + n % 900, n % 100 * 0.5, 50 + n % 50,
    due - interval '2 days', case when n % 5 = 4 then due - interval '1 hour' end, due,
    pg_temp.numbered('4', 1 + n % 20), pg_temp.numbered('3', n % 1000), pg_temp.numbered('5', n % 200),
    pg_temp.numbered('7', n % 600), pg_temp.numbered('1', n % 12),
    case when n % 3 = 0 then 'Rush the batch "' || n || '", and tell the shift — über alles.' end,
    'spare ' || n % 10, null,
    due - interval '9 days', 'planner', case when n % 4 = 0 then due - interval '5 days' end,
    case when n % 4 = 0 then 'supervisor' end
from generate_series(0, pg_temp.orders() - 1) n
cross join lateral (
    select timestamptz '2026-01-01 00:00Z' + n * 7919 % pg_temp.orders() * interval '1 minute' as due
) given;

insert into production_order_property_values (id, production_order_id, property_id, data_type, string_value)
select pg_temp.numbered('B', n), pg_temp.numbered('A', n / 5), pg_temp.numbered('8', n % 5), 'String', 'value ' || n % 997
from generate_series(0, pg_temp.orders() * 5 - 1) n;

insert into production_order_bill_of_materials (
    id, production_order_id, product_material_id, material_id, unit_of_measure_id, material_group, material_type,
    position, quantity_order, quantity_per_produced_unit
)
select pg_temp.numbered('C', n), pg_temp.numbered('A', n / 5), pg_temp.numbered('3', n / 5 % 1000),
    pg_temp.numbered('3', n * 101 % 1000), pg_temp.numbered('1', n % 12), 'Main', 'COMPONENT',
    n % 5, 10 + n % 90 * 0.25, 0.5
from generate_series(0, pg_temp.orders() * 5 - 1) n;
