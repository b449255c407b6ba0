-- What daily checkpoints note of every journal's head, and the chain that they make.
CREATE TABLE `chain_buckets` (
	`bucket` integer PRIMARY KEY NOT NULL,
	`leaves` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `checkpoint_pieces` (
	`day` text NOT NULL,
	`bucket` integer NOT NULL,
	`leaves` text NOT NULL,
	`digest` text NOT NULL,
	PRIMARY KEY(`day`, `bucket`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `checkpoints` (
	`seq` integer PRIMARY KEY NOT NULL,
	`day` text NOT NULL,
	`at` integer NOT NULL,
	`journals` integer NOT NULL,
	`root` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL
) WITHOUT ROWID;
