-- Orders are looked for by a part of their name: trigrams serve what a sorted index cannot.

create extension if not exists pg_trgm;

create index production_orders_name_trigrams_idx on production_orders using gin (name gin_trgm_ops);
create index materials_name_trigrams_idx on materials using gin (name gin_trgm_ops);
create index materials_path_trigrams_idx on materials using gin (path gin_trgm_ops);
create index customers_name_trigrams_idx on customers using gin (name gin_trgm_ops);
