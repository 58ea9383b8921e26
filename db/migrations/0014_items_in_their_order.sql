-- The items of an order are shown by position, and by id where several have the same one: with the id in the index too,
-- nothing is left to be sorted.
drop index production_order_bill_of_materials_order_position_idx;
create index production_order_bill_of_materials_order_position_idx
    on production_order_bill_of_materials (production_order_id, position, id);
