-- Operators may have a Cloudflare Access identity: whose e-mail means them, looked up once a minute and isolate.
ALTER TABLE `keys` ADD `access_email` text;--> statement-breakpoint
CREATE INDEX `keys_by_access_email` ON `keys` (`access_email`) WHERE access_email is not null;