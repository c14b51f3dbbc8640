-- What a device created behind (own_change, own_id) it has, also below low (store/feed.h). A round has one phase less.
ALTER TABLE sync_generation ADD COLUMN own_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_generation ADD COLUMN own_id INTEGER NOT NULL DEFAULT 0;
UPDATE sync_generation SET own_change = w, own_id = 9223372036854775807,
	cursor_change = CASE WHEN phase = 3 THEN w ELSE cursor_change END,
	cursor_id = CASE WHEN phase = 3 THEN 9223372036854775807 ELSE cursor_id END,
	phase = CASE WHEN phase > 3 THEN 3 ELSE phase END;
