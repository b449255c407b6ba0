-- Walks that are made once a day keep here how far they are.
CREATE TABLE `chores` (
	`name` text PRIMARY KEY NOT NULL,
	`day` text NOT NULL,
	`cursor` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer
) WITHOUT ROWID;
