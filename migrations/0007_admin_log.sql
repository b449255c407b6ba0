-- Who changed what about a merchant is chained beside what was changed, so that both commit in one batch.
CREATE TABLE `admin_heads` (
	`merchant_id` text NOT NULL,
	`chain` text NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`merchant_id`, `chain`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `admin_log` (
	`merchant_id` text NOT NULL,
	`chain` text NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`request_id` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`fields` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`merchant_id`, `chain`, `seq`)
) WITHOUT ROWID;
