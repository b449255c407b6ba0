-- A provider's settlement files are compared with what is recorded here, in runs that may be repeated: their rows, what
-- became of each, which money is accounted for, and which differences stand before people.
CREATE TABLE `reconciliations` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`connection_id` text NOT NULL,
	`layout` text NOT NULL,
	`mapping` text NOT NULL,
	`since` integer NOT NULL,
	`until` integer NOT NULL,
	`grace_ms` integer NOT NULL,
	`checked_from` integer NOT NULL,
	`files_expected` integer NOT NULL,
	`fingerprint` text NOT NULL,
	`run` integer NOT NULL,
	`finished_run` integer NOT NULL,
	`stage` text,
	`tally` text NOT NULL,
	`summary` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	`due_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `reconciliations_newest` ON `reconciliations` (`merchant_id`,`livemode`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `reconciliations_due` ON `reconciliations` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE TABLE `settlement_chunks` (
	`file_id` text NOT NULL,
	`n` integer NOT NULL,
	`rows` text NOT NULL,
	PRIMARY KEY(`file_id`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `settlement_differences` (
	`cause` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`stream` text NOT NULL,
	`outcome` text NOT NULL,
	`connection_id` text NOT NULL,
	`session_id` text,
	`ended_at` integer,
	`ask_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `settlement_differences_to_ask` ON `settlement_differences` (`ask_at`) WHERE ask_at is not null;--> statement-breakpoint
CREATE TABLE `settlement_files` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`reconciliation_id` text NOT NULL,
	`n` integer,
	`sha256` text,
	`bytes` integer,
	`rows` integer,
	`chunks` integer,
	`at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `settlement_files_in_order` ON `settlement_files` (`reconciliation_id`,`n`) WHERE n is not null;--> statement-breakpoint
CREATE INDEX `settlement_files_unfinished` ON `settlement_files` (`at`) WHERE n is null;--> statement-breakpoint
CREATE TABLE `settlement_items` (
	`reconciliation_id` text NOT NULL,
	`run` integer NOT NULL,
	`place` integer NOT NULL,
	`outcome` text NOT NULL,
	`reason` text,
	`kind` text NOT NULL,
	`transaction_id` text,
	`reference` text,
	`order_id` text,
	`amount` integer,
	`currency` text NOT NULL,
	`fee` integer,
	`fee_currency` text,
	`date` text,
	`payment_id` text,
	`session_id` text,
	`expected_amount` integer,
	`expected_currency` text,
	PRIMARY KEY(`reconciliation_id`, `run`, `place`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `settlement_items_differing` ON `settlement_items` (`reconciliation_id`,`run`,`outcome`,`place`) WHERE outcome not in ('matched', 'fee');--> statement-breakpoint
CREATE TABLE `settlements` (
	`subject` text NOT NULL,
	`identity` text NOT NULL,
	`reconciliation_id` text NOT NULL,
	`merchant_id` text NOT NULL,
	`place` integer NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`subject`, `identity`, `reconciliation_id`)
) WITHOUT ROWID;
