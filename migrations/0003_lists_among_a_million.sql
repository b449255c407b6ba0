-- Lists among a million: events by type, payments that ended unpaid by status, and no list that sorts. No row more for a
-- payment that is paid.
DROP INDEX `destinations_by_merchant`;--> statement-breakpoint
CREATE INDEX `destinations_newest` ON `destinations` (`merchant_id`,`livemode`,`created_at`,`id`) WHERE deleted_at is null;--> statement-breakpoint
DROP INDEX `deliveries_troubled`;--> statement-breakpoint
CREATE INDEX `deliveries_troubled` ON `deliveries` (`merchant_id`,`livemode`,`status`,`created_at`,`id`) WHERE status in ('failed', 'held');--> statement-breakpoint
DROP INDEX `journal_events`;--> statement-breakpoint
CREATE INDEX `journal_events` ON `journal` (`merchant_id`,`livemode`,`event_type`,`at`,`event_id`) WHERE event_id is not null;--> statement-breakpoint
CREATE INDEX `exceptions_of_kind` ON `exceptions` (`merchant_id`,`livemode`,`kind`,`status`,`raised_at`,`id`);--> statement-breakpoint
CREATE INDEX `payments_unpaid` ON `payments` (`merchant_id`,`livemode`,`status`,`created_at`,`id`) WHERE status in ('authorized', 'failed', 'canceled', 'expired');