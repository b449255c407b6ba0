-- What a system answered is kept until its payment was told; a try that may have been taken is known as such.
ALTER TABLE `deliveries` ADD `answer` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `doubtful` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `destinations` ADD `on_timeout` text DEFAULT 'retry' NOT NULL;