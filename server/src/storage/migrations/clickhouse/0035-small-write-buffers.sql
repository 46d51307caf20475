-- A part is written with two buffers of a megabyte for each column; a merge of a hundred columns needs none of that much.
ALTER TABLE logs {on_cluster} MODIFY SETTING min_columns_to_activate_adaptive_write_buffer = 1;
ALTER TABLE judgments {on_cluster} MODIFY SETTING min_columns_to_activate_adaptive_write_buffer = 1;
