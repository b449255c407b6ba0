// Made from the description of the API by `npm run docs:client`; not to be edited.

export interface paths {
    "/v1/payment-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a session for an order
         * @description With a **secret key** the call carries `amount` and `currency`, or the order is registered. With a **publishable key** the amount comes from the registered order, from an `order_token`, or from the merchant’s quote address (`quote`); `amount` in a browser’s body is refused.
         *
         *      After a lost answer or a 503 send the same request with the same key: the same attempt goes on. Any other key for the same order continues it too, and is answered 200.
         */
        post: operations["openPaymentSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payment-sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a session
         * @description Whole for a secret key; without `client_secret` for an operator; reduced to what a browser may know for a publishable key, which must send the `client_secret` of the session.
         */
        get: operations["readPaymentSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payment-sessions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a session that nobody has paid */
        post: operations["cancelPaymentSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payment-sessions/{id}/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch a session’s status as it changes
         * @description Server-sent events named `payment`, each with the reduced session as its data; the stream closes after 25 s and browsers come back by themselves. Asked with `Upgrade: websocket` it is a WebSocket. The `client_secret` is the proof.
         */
        get: operations["watchPaymentSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Register an order
         * @description Repeating it with the same values changes nothing and mints a fresh `order_token`.
         */
        put: operations["registerOrder"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List payments, newest first. Looks through 500 payments for one page of an amount, a currency or a span of time, and leads on */
        get: operations["listPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a payment */
        get: operations["readPayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/journal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read everything that happened to a payment, oldest first */
        get: operations["readJournal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/journal/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check the chain of a payment’s journal */
        get: operations["verifyJournal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/journal/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prove a payment’s journal against a daily checkpoint
         * @description Holds the object, the records and the checkpoint against each other. Against the newest note, or the newest up to `day`.
         */
        get: operations["proveJournal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/capture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take money that is held
         * @description Once per session. Without `amount` all of it.
         */
        post: operations["capturePayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a hold back
         * @description For a payment that is `authorized`.
         */
        post: operations["cancelPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give money back, in parts or whole
         * @description Without `amount` all that is left. `session_id` is needed where several sessions hold money.
         */
        post: operations["refundPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask the provider now */
        post: operations["syncPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/fiscal-receipts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record a fiscal receipt */
        post: operations["recordFiscalReceipt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/fulfillment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record where the goods are */
        post: operations["recordFulfillment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/corrections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Correct a payment’s status, as a person with a reason
         * @description Where the deployment asks for two people, the first proposes (202) and another operator sends the same.
         */
        post: operations["correctPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List events, newest first */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an event */
        get: operations["readEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List destinations, newest first */
        get: operations["listDestinations"];
        put?: never;
        /** Make a destination */
        post: operations["createDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a destination */
        get: operations["readDestination"];
        put?: never;
        post?: never;
        /** End a destination */
        delete: operations["deleteDestination"];
        options?: never;
        head?: never;
        /**
         * Change a destination
         * @description What is left out stays; null takes away.
         */
        patch: operations["changeDestination"];
        trace?: never;
    };
    "/v1/destinations/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a destination a new secret
         * @description The one before signs too for 24 hours.
         */
        post: operations["rotateDestinationSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send one test event now */
        post: operations["testDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold a destination’s deliveries
         * @description Nothing is lost: they go out, oldest first, when it is resumed.
         */
        post: operations["pauseDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a destination’s deliveries go
         * @description Also closes its breaker.
         */
        post: operations["resumeDestination"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the events of a span once more */
        post: operations["replayEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/latency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read how fast a destination answered lately
         * @description Of the newest 100 events that it takes: their tries, at most the newest 100 and ten of each delivery, and how they spread.
         */
        get: operations["readDestinationLatency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a destination’s replays, newest first */
        get: operations["listReplays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/destinations/{id}/replays/{replayId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a replay’s progress */
        get: operations["readReplay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List deliveries, newest first */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a delivery with every attempt */
        get: operations["readDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a delivery once more, now */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exceptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List exceptions, newest first */
        get: operations["listExceptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exceptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an exception */
        get: operations["readException"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exceptions/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put an end to an exception, as a person with a note */
        post: operations["resolveException"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List reconciliations, newest first */
        get: operations["listReconciliations"];
        put?: never;
        /**
         * Compare a settlement file with the payments here
         * @description The body is the file, up to 100,000 rows, as `text/csv` with its charset. `mapping` is JSON in the query.
         */
        post: operations["createReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a reconciliation */
        get: operations["readReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a further file
         * @description The same file again changes nothing.
         */
        post: operations["addSettlementFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare its files once more */
        post: operations["runReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{id}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the rows of a reconciliation, and the payments that no row accounts for */
        get: operations["listReconciliationItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{id}/items.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read them as a file for a spreadsheet */
        get: operations["exportReconciliationItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        EventEnvelope: {
            type: ("payment.created" | "payment.pending" | "payment.authorized" | "payment.paid" | "payment.failed" | "payment.canceled" | "payment.expired" | "payment.refunded" | "payment.refund_failed" | "payment.disputed" | "payment.dispute_closed" | "payment.fiscal_updated" | "payment.fulfillment_updated" | "payment.corrected" | "exception.raised" | "exception.resolved") | "test";
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            timestamp: string;
            data: components["schemas"]["EventData"];
        };
        EventData: {
            /**
             * @description An event.
             * @example evt_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e
             */
            event_id: string;
            sequence?: number | null;
            previous_status?: ("created" | "pending" | "authorized" | "paid" | "failed" | "canceled" | "expired") | null;
            /** @description A fiscal system makes one receipt for each; the same on every try. */
            receipt_key?: string;
            exception?: ({
                id: string;
                kind: string;
                status: string;
            } & {
                [key: string]: unknown;
            }) | null;
            payment: components["schemas"]["PaymentInEvent"] | null;
        };
        PaymentInEvent: {
            /**
             * @description A payment: what is known of one order’s money.
             * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            id: string;
            /** @constant */
            object: "payment";
            /**
             * @description A merchant.
             * @example mer_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            merchant_id: string;
            /**
             * @description The merchant’s own.
             * @example A-1001
             */
            order_id: string;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount: number;
            /** @example AMD */
            currency: string;
            /** @enum {string} */
            status: "created" | "pending" | "authorized" | "paid" | "failed" | "canceled" | "expired";
            /** @enum {string} */
            fiscal_status: "not_required" | "pending" | "issued" | "failed";
            /** @enum {string} */
            fulfillment_status: "not_required" | "pending" | "in_progress" | "delivered" | "returned" | "canceled";
            /** @enum {string} */
            dispute_status: "none" | "open" | "won" | "lost";
            /** @enum {string} */
            refund_status: "none" | "partial" | "full";
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_authorized: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_captured: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_refunded: number;
            /**
             * @description Money of further captured sessions, which is owed back.
             * @example 1250000
             */
            excess_captured: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            excess_refunded: number;
            in_doubt: boolean;
            flags: string[];
            provider: string | null;
            connection_id: string | null;
            provider_reference: string | null;
            sessions: {
                /**
                 * @description A payment session: one attempt at a provider’s checkout.
                 * @example ps_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8r
                 */
                id: string;
                /** @constant */
                object: "payment_session";
                /**
                 * @description A payment: what is known of one order’s money.
                 * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
                 */
                payment_id: string;
                /**
                 * @description The merchant’s own.
                 * @example A-1001
                 */
                order_id: string;
                attempt: number;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount: number;
                /** @example AMD */
                currency: string;
                /** @enum {string} */
                status: "opening" | "open" | "ending" | "completed" | "failed" | "canceled" | "expired";
                /** @description Nobody knows just now whether money moved; the gateway is asking. */
                in_doubt: boolean;
                /** @example sandbox */
                provider: string;
                /**
                 * @description A connection: the merchant’s account at a provider.
                 * @example con_k3q8rfv2m6c1n0dx7twz95hj4b
                 */
                connection_id: string;
                provider_reference: string | null;
                /** @enum {string} */
                capture_method: "automatic" | "manual";
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount_authorized: number;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount_captured: number;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount_refunded: number;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                expires_at: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                created_at: string;
                /** @description Whether real money moves; false in test mode. */
                livemode: boolean;
                metadata: {
                    [key: string]: string;
                };
            }[];
            refunds: {
                /**
                 * @description A refund.
                 * @example rfd_k3q8rfv2m6c1n0dx7twz95hj4bpsga
                 */
                id: string;
                /**
                 * @description A payment session: one attempt at a provider’s checkout.
                 * @example ps_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8r
                 */
                session_id: string;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount: number;
                /** @enum {string} */
                status: "pending" | "succeeded" | "failed";
                provider_reference: string | null;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                created_at: string;
            }[];
            fiscal_receipts: {
                /** @enum {string} */
                kind: "sale" | "refund";
                refund_id: string | null;
                /** @enum {string} */
                status: "issued" | "failed";
                receipt_id: string | null;
                url: string | null;
                amount: number | null;
                receipt_key: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                recorded_at: string;
            }[];
            /** @description What a second person may approve until it expires; afterwards it means nothing. */
            proposed_correction: {
                to_status: string;
                amount: number | null;
                by: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                expires_at: string;
            } | null;
            open_exceptions: number;
            version: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            paid_at: string | null;
            metadata: {
                [key: string]: string;
            };
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
            /** @description What was left out so that the event stays short. */
            truncated?: string[];
        };
        PaymentSession: {
            /**
             * @description A payment session: one attempt at a provider’s checkout.
             * @example ps_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8r
             */
            id: string;
            /** @constant */
            object: "payment_session";
            /**
             * @description A payment: what is known of one order’s money.
             * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            payment_id: string;
            /**
             * @description The merchant’s own.
             * @example A-1001
             */
            order_id: string;
            attempt: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount: number;
            /** @example AMD */
            currency: string;
            /** @enum {string} */
            status: "opening" | "open" | "ending" | "completed" | "failed" | "canceled" | "expired";
            /** @description Nobody knows just now whether money moved; the gateway is asking. */
            in_doubt: boolean;
            /** @example sandbox */
            provider: string;
            /**
             * @description A connection: the merchant’s account at a provider.
             * @example con_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            connection_id: string;
            provider_reference: string | null;
            /** @enum {string} */
            capture_method: "automatic" | "manual";
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_authorized: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_captured: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_refunded: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            expires_at: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
            metadata: {
                [key: string]: string;
            };
            /**
             * Format: uri
             * @description Send the customer there.
             */
            checkout_url: string;
            /** @description Lets the customer’s browser watch this session. Not shown to operators. */
            client_secret?: string | null;
        };
        /** @description RFC 9457. Further members tell of the state that did not allow it. */
        Problem: {
            /** @example urn:tollgate:problem:validation_failed */
            type: string;
            /** @example The request is not valid */
            title: string;
            /** @example 422 */
            status: number;
            /** @example The body is not valid. At /amount: Not an integer. */
            detail: string;
            /** @example urn:tollgate:request:req_… */
            instance: string;
            /**
             * @description Stable; program against this.
             * @example validation_failed
             */
            code: string;
            errors?: {
                /**
                 * @description RFC 6901, into the body or the query.
                 * @example /amount
                 */
                pointer: string;
                detail: string;
            }[];
        } & {
            [key: string]: unknown;
        };
        /** @description What the customer’s browser may know of its session. */
        PaymentSessionStatus: {
            /**
             * @description A payment session: one attempt at a provider’s checkout.
             * @example ps_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8r
             */
            id: string;
            /** @enum {string} */
            status: "opening" | "open" | "ending" | "completed" | "failed" | "canceled" | "expired";
            /** @enum {string} */
            payment_status: "created" | "pending" | "authorized" | "paid" | "failed" | "canceled" | "expired";
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount: number;
            /** @example AMD */
            currency: string;
            /**
             * @description The merchant’s own.
             * @example A-1001
             */
            order_id: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            expires_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        Order: {
            /** @constant */
            object: "order";
            /**
             * @description The merchant’s own.
             * @example A-1001
             */
            order_id: string;
            /**
             * @description A payment: what is known of one order’s money.
             * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            payment_id: string;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount: number;
            /** @example AMD */
            currency: string;
            description: string | null;
            metadata: {
                [key: string]: string;
            };
            /** @enum {string} */
            access: "token" | "open";
            expires_at: string | null;
            /** @description Lets a browser open a session for this order; hand it to the storefront. */
            order_token: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        Payment: {
            /**
             * @description A payment: what is known of one order’s money.
             * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            id: string;
            /** @constant */
            object: "payment";
            /**
             * @description A merchant.
             * @example mer_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            merchant_id: string;
            /**
             * @description The merchant’s own.
             * @example A-1001
             */
            order_id: string;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount: number;
            /** @example AMD */
            currency: string;
            /** @enum {string} */
            status: "created" | "pending" | "authorized" | "paid" | "failed" | "canceled" | "expired";
            /** @enum {string} */
            fiscal_status: "not_required" | "pending" | "issued" | "failed";
            /** @enum {string} */
            fulfillment_status: "not_required" | "pending" | "in_progress" | "delivered" | "returned" | "canceled";
            /** @enum {string} */
            dispute_status: "none" | "open" | "won" | "lost";
            /** @enum {string} */
            refund_status: "none" | "partial" | "full";
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_authorized: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_captured: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            amount_refunded: number;
            /**
             * @description Money of further captured sessions, which is owed back.
             * @example 1250000
             */
            excess_captured: number;
            /**
             * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
             * @example 1250000
             */
            excess_refunded: number;
            in_doubt: boolean;
            flags: string[];
            provider: string | null;
            connection_id: string | null;
            provider_reference: string | null;
            sessions: {
                /**
                 * @description A payment session: one attempt at a provider’s checkout.
                 * @example ps_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8r
                 */
                id: string;
                /** @constant */
                object: "payment_session";
                /**
                 * @description A payment: what is known of one order’s money.
                 * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
                 */
                payment_id: string;
                /**
                 * @description The merchant’s own.
                 * @example A-1001
                 */
                order_id: string;
                attempt: number;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount: number;
                /** @example AMD */
                currency: string;
                /** @enum {string} */
                status: "opening" | "open" | "ending" | "completed" | "failed" | "canceled" | "expired";
                /** @description Nobody knows just now whether money moved; the gateway is asking. */
                in_doubt: boolean;
                /** @example sandbox */
                provider: string;
                /**
                 * @description A connection: the merchant’s account at a provider.
                 * @example con_k3q8rfv2m6c1n0dx7twz95hj4b
                 */
                connection_id: string;
                provider_reference: string | null;
                /** @enum {string} */
                capture_method: "automatic" | "manual";
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount_authorized: number;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount_captured: number;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount_refunded: number;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                expires_at: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                created_at: string;
                /** @description Whether real money moves; false in test mode. */
                livemode: boolean;
                metadata: {
                    [key: string]: string;
                };
            }[];
            refunds: {
                /**
                 * @description A refund.
                 * @example rfd_k3q8rfv2m6c1n0dx7twz95hj4bpsga
                 */
                id: string;
                /**
                 * @description A payment session: one attempt at a provider’s checkout.
                 * @example ps_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8r
                 */
                session_id: string;
                /**
                 * @description Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.
                 * @example 1250000
                 */
                amount: number;
                /** @enum {string} */
                status: "pending" | "succeeded" | "failed";
                provider_reference: string | null;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                created_at: string;
            }[];
            fiscal_receipts: {
                /** @enum {string} */
                kind: "sale" | "refund";
                refund_id: string | null;
                /** @enum {string} */
                status: "issued" | "failed";
                receipt_id: string | null;
                url: string | null;
                amount: number | null;
                receipt_key: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                recorded_at: string;
            }[];
            /** @description What a second person may approve until it expires; afterwards it means nothing. */
            proposed_correction: {
                to_status: string;
                amount: number | null;
                by: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                expires_at: string;
            } | null;
            open_exceptions: number;
            version: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            paid_at: string | null;
            metadata: {
                [key: string]: string;
            };
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        JournalEntry: {
            seq: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            at: string;
            /** @example report.applied */
            type: string;
            actor: string;
            data: {
                [key: string]: unknown;
            };
            prev_hash: string;
            hash: string;
        };
        ChainProof: {
            valid: boolean;
            entries: number;
            /** @description The hash of the last entry. */
            head: string | null;
            broken_at?: number;
            why?: string;
        };
        JournalProof: {
            /** @constant */
            object: "journal_proof";
            /**
             * @description A payment: what is known of one order’s money.
             * @example pay_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            payment_id: string;
            valid: boolean;
            entries: number;
            head: string;
            /** @description Null while no checkpoint has noted the journal. */
            checkpoint: {
                /** Format: date */
                day: string;
                hash: string;
                /** @description The entry up to which the checkpoint proves. */
                seq: number;
                /** @description Null where no copies are kept. */
                is_copied: boolean | null;
            } | null;
            doubts: {
                /** @enum {string} */
                where: "object" | "records" | "checkpoint" | "copy";
                seq: number | null;
                why: string;
            }[];
        };
        Event: {
            /**
             * @description An event: its own name, the same on every try and replay.
             * @example evt_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e
             */
            id: string;
            /** @constant */
            object: "event";
            /** @enum {string} */
            type: "payment.created" | "payment.pending" | "payment.authorized" | "payment.paid" | "payment.failed" | "payment.canceled" | "payment.expired" | "payment.refunded" | "payment.refund_failed" | "payment.disputed" | "payment.dispute_closed" | "payment.fiscal_updated" | "payment.fulfillment_updated" | "payment.corrected" | "exception.raised" | "exception.resolved";
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            timestamp: string;
            payment_id: string | null;
            /** @description Counts a payment’s events from 1 without gaps; null without a payment. */
            sequence: number | null;
            data: components["schemas"]["EventData"];
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        DestinationWithSecret: {
            /**
             * @description A destination: a business system’s address.
             * @example dst_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            id: string;
            /** @constant */
            object: "destination";
            /** @enum {string} */
            kind: "crm" | "erp" | "fiscal" | "fulfillment" | "notification" | "reconciliation" | "other";
            /** Format: uri */
            url: string;
            event_types: string[];
            description: string | null;
            ordered: boolean;
            max_per_second: number | null;
            timeout_ms: number | null;
            /** @enum {string} */
            on_timeout: "retry" | "hold";
            /** @description Values may be credentials and are not shown. */
            header_names: string[];
            /** @enum {string} */
            status: "active" | "paused";
            paused_because: ("asked" | "gone" | "failing") | null;
            failures: number;
            failing_since: string | null;
            next_probe_at: string | null;
            older_secret_until: string | null;
            last_test: components["schemas"]["DeliveryAttempt"] | null;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
            /** @description Signs its events (Standard Webhooks). Shown this once. */
            secret: string;
        };
        DeliveryAttempt: {
            n: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            at: string;
            duration_ms: number;
            /** @description What it was answered; null when there was no answer. */
            status: number | null;
            error: string | null;
            /** @enum {string} */
            trigger: "schedule" | "manual" | "replay" | "probe";
            /** @description The first 2 kB. */
            response_body: string | null;
        };
        Destination: {
            /**
             * @description A destination: a business system’s address.
             * @example dst_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            id: string;
            /** @constant */
            object: "destination";
            /** @enum {string} */
            kind: "crm" | "erp" | "fiscal" | "fulfillment" | "notification" | "reconciliation" | "other";
            /** Format: uri */
            url: string;
            event_types: string[];
            description: string | null;
            ordered: boolean;
            max_per_second: number | null;
            timeout_ms: number | null;
            /** @enum {string} */
            on_timeout: "retry" | "hold";
            /** @description Values may be credentials and are not shown. */
            header_names: string[];
            /** @enum {string} */
            status: "active" | "paused";
            paused_because: ("asked" | "gone" | "failing") | null;
            failures: number;
            failing_since: string | null;
            next_probe_at: string | null;
            older_secret_until: string | null;
            last_test: components["schemas"]["DeliveryAttempt"] | null;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        DestinationTest: {
            /** @constant */
            object: "destination_test";
            event_id: string;
            taken: boolean;
            n: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            at: string;
            duration_ms: number;
            /** @description What it was answered; null when there was no answer. */
            status: number | null;
            error: string | null;
            /** @enum {string} */
            trigger: "schedule" | "manual" | "replay" | "probe";
            /** @description The first 2 kB. */
            response_body: string | null;
        };
        Replay: {
            /**
             * @description A replay.
             * @example rpl_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            id: string;
            /** @constant */
            object: "replay";
            /**
             * @description A destination: a business system’s address.
             * @example dst_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            destination_id: string;
            /** @enum {string} */
            status: "running" | "finished";
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            from: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            to: string;
            event_types: string[];
            /** @enum {string} */
            only: "failed" | "all";
            events: number;
            deliveries: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            reached: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            finished_at: string | null;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        DestinationLatency: {
            /** @constant */
            object: "latency";
            /**
             * @description A destination: a business system’s address.
             * @example dst_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            destination_id: string;
            /** @description How long the tries took; null when there was none. */
            answer_ms: components["schemas"]["Spread"] | null;
            /** @description From an event to the end of the first try that was taken; null when none was. Without events of more than ten tries. */
            arrival_ms: components["schemas"]["Spread"] | null;
            /** @description Oldest first. */
            tries: {
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                at: string;
                duration_ms: number;
                /** @description What it was answered; null when there was no answer. */
                status: number | null;
            }[];
        };
        /** @description So many of a hundred were no longer, in milliseconds. */
        Spread: {
            p50: number;
            p95: number;
            most: number;
        };
        Delivery: {
            /**
             * @description A delivery: one event to one destination.
             * @example dlv_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8rfv2m6c1n0dx7twz95hj
             */
            id: string;
            /** @constant */
            object: "delivery";
            /**
             * @description An event: its own name, the same on every try and replay.
             * @example evt_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e
             */
            event_id: string;
            /** @example payment.paid */
            event_type: string;
            payment_id: string | null;
            /**
             * @description A destination: a business system’s address.
             * @example dst_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            destination_id: string;
            /** @enum {string} */
            status: "pending" | "delivered" | "failed" | "held";
            attempt_count: number;
            next_attempt_at: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        DeliveryWithAttempts: {
            /**
             * @description A delivery: one event to one destination.
             * @example dlv_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8yk3q8rfv2m6c1n0dx7twz95hj
             */
            id: string;
            /** @constant */
            object: "delivery";
            /**
             * @description An event: its own name, the same on every try and replay.
             * @example evt_k3q8rfv2m6c1n0dx7twz95hj4bpsga2e
             */
            event_id: string;
            /** @example payment.paid */
            event_type: string;
            payment_id: string | null;
            /**
             * @description A destination: a business system’s address.
             * @example dst_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            destination_id: string;
            /** @enum {string} */
            status: "pending" | "delivered" | "failed" | "held";
            attempt_count: number;
            next_attempt_at: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
            /** @description Nobody knows whether its fiscal system took it; only a retry by a person sends it again. */
            doubtful: boolean;
            attempts: components["schemas"]["DeliveryAttempt"][];
        };
        Exception: {
            /**
             * @description An exception: a person must look.
             * @example exc_k3q8rfv2m6c1n0dx7twz95hj4bpsga
             */
            id: string;
            /** @constant */
            object: "exception";
            /** @enum {string} */
            kind: "delivery_exhausted" | "report_mismatch" | "report_unmatched" | "late_payment" | "duplicate_payment" | "contradiction" | "in_doubt_too_long" | "fiscal_failed" | "dispute_opened" | "reconciliation_difference";
            /** @enum {string} */
            status: "open" | "resolved";
            payment_id: string | null;
            session_id: string | null;
            delivery_id: string | null;
            destination_id: string | null;
            detail: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            resolution: string | null;
            note: string | null;
            resolved_by: string | null;
            resolved_at: string | null;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        Reconciliation: {
            /**
             * @description A reconciliation.
             * @example rcn_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            id: string;
            /** @constant */
            object: "reconciliation";
            /** @enum {string} */
            status: "receiving" | "running" | "finished";
            /**
             * @description A connection: the merchant’s account at a provider.
             * @example con_k3q8rfv2m6c1n0dx7twz95hj4b
             */
            connection_id: string;
            layout: string;
            mapping: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            from: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            to: string;
            grace_days: number;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            checked_from: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            checked_to: string;
            files_expected: number;
            files: {
                n: number;
                rows: number;
                bytes: number;
                sha256: string;
                /**
                 * Format: date-time
                 * @example 2026-11-22T12:00:00.000Z
                 */
                received_at: string;
            }[];
            run: number;
            /** @description Of the newest run that is through. */
            summary: {
                run: number;
                rows: number;
                /** @description How many rows of each outcome. */
                outcomes: {
                    [key: string]: number;
                };
                /** @description By currency and kind of row, in minor units. */
                totals: {
                    [key: string]: {
                        [key: string]: number;
                    };
                };
                differences: number;
                exceptions: number;
                finished_at: string | null;
            } | null;
            created_by: string;
            /**
             * Format: date-time
             * @example 2026-11-22T12:00:00.000Z
             */
            created_at: string;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
        ReconciliationItem: {
            /** @constant */
            object: "reconciliation_item";
            file: number | null;
            line: number | null;
            /** @enum {string} */
            outcome: "matched" | "amount_difference" | "currency_difference" | "missing_here" | "missing_there" | "duplicate" | "fee";
            reason: string | null;
            kind: string;
            transaction_id: string | null;
            reference: string | null;
            order_id: string | null;
            date: string | null;
            amount: number | null;
            currency: string | null;
            fee: number | null;
            fee_currency: string | null;
            payment_id: string | null;
            session_id: string | null;
            expected_amount: number | null;
            expected_currency: string | null;
            /** @description Whether real money moves; false in test mode. */
            livemode: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    openPaymentSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "order_id": "A-1001",
                 *       "amount": 1250000,
                 *       "currency": "AMD",
                 *       "return_url": "https://shop.example/thanks"
                 *     }
                 */
                "application/json": {
                    return_url: string;
                    cancel_url?: string;
                    connection_id?: string;
                    locale?: string;
                    /** @default false */
                    new_attempt?: boolean;
                    order_id: string;
                    amount?: number;
                    currency?: string;
                    description?: string;
                    /**
                     * @default automatic
                     * @enum {string}
                     */
                    capture_method?: "automatic" | "manual";
                    /** @default 1800 */
                    expires_in?: number;
                    customer?: {
                        id?: string;
                        /** Format: email */
                        email?: string;
                        phone?: string;
                        name?: string;
                    };
                    /** @default {} */
                    metadata?: {
                        [key: string]: string;
                    };
                } | {
                    return_url: string;
                    cancel_url?: string;
                    connection_id?: string;
                    locale?: string;
                    /** @default false */
                    new_attempt?: boolean;
                    order_id?: string;
                    order_token?: string;
                    client_secret?: string;
                    quote?: {
                        [key: string]: unknown;
                    };
                    customer_token?: string;
                };
            };
        };
        responses: {
            /** @description The session of this order that is open already. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentSession"];
                };
            };
            /** @description The session. Send the customer to its `checkout_url`. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentSession"];
                };
            };
        };
    };
    readPaymentSession: {
        parameters: {
            query?: {
                client_secret?: string;
            };
            header?: never;
            path: {
                /** @description A payment session: one attempt at a provider’s checkout. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentSession"] | components["schemas"]["PaymentSessionStatus"];
                };
            };
        };
    };
    cancelPaymentSession: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment session: one attempt at a provider’s checkout. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description It is ended, at the provider too. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentSession"];
                };
            };
            /** @description It is `ending`: the provider has not confirmed, and it may still be paid. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentSession"];
                };
            };
        };
    };
    watchPaymentSession: {
        parameters: {
            query: {
                client_secret: string;
            };
            header?: never;
            path: {
                /** @description A payment session: one attempt at a provider’s checkout. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    registerOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The merchant’s own. */
                order_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": 1250000,
                 *       "currency": "AMD",
                 *       "description": "One bag of coffee"
                 *     }
                 */
                "application/json": {
                    amount: number;
                    currency: string;
                    description?: string;
                    customer?: {
                        id?: string;
                        /** Format: email */
                        email?: string;
                        phone?: string;
                        name?: string;
                    };
                    /** @default {} */
                    metadata?: {
                        [key: string]: string;
                    };
                    /** Format: date-time */
                    expires_at?: string;
                    /**
                     * @default token
                     * @enum {string}
                     */
                    access?: "token" | "open";
                };
            };
        };
        responses: {
            /** @description The order, registered before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description The order. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    listPayments: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                order_id?: string;
                status?: "created" | "pending" | "authorized" | "paid" | "failed" | "canceled" | "expired";
                created_after?: string;
                created_before?: string;
                amount?: number;
                currency?: string;
                provider_reference?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of payments. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Payment"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    readPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    readJournal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["JournalEntry"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    verifyJournal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is whole. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChainProof"];
                };
            };
        };
    };
    proveJournal: {
        parameters: {
            query?: {
                day?: string;
            };
            header?: never;
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What does not fit, if anything. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JournalProof"];
                };
            };
        };
    };
    capturePayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "amount": 1000000
                 *     }
                 */
                "application/json": {
                    amount?: number;
                    session_id?: string;
                };
            };
        };
        responses: {
            /** @description It is done: the payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The provider will tell, or nobody knows yet (`in_doubt`): the gateway asks until it knows. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    cancelPayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": {
                    session_id?: string;
                };
            };
        };
        responses: {
            /** @description It is done: the payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The provider will tell, or nobody knows yet (`in_doubt`): the gateway asks until it knows. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    refundPayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "amount": 250000,
                 *       "reason": "One cup broken"
                 *     }
                 */
                "application/json": {
                    amount?: number;
                    session_id?: string;
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description It is done: the payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The provider will tell, or nobody knows yet (`in_doubt`): the gateway asks until it knows. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    syncPayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The payment as it is after asking. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    recordFiscalReceipt: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "sale",
                 *       "status": "issued",
                 *       "receipt_id": "F-1001"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    kind: "sale" | "refund";
                    /** @enum {string} */
                    status: "issued" | "failed";
                    refund_id?: string;
                    receipt_id?: string;
                    /** Format: uri */
                    url?: string;
                    amount?: number;
                };
            };
        };
        responses: {
            /** @description The payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    recordFulfillment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "delivered"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    status: "not_required" | "pending" | "in_progress" | "delivered" | "returned" | "canceled";
                    note?: string;
                };
            };
        };
        responses: {
            /** @description The payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    correctPayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description A payment: what is known of one order’s money. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to_status": "paid",
                 *       "reason": "Seen on the bank’s statement.",
                 *       "evidence": "Statement 2026-11, line 14"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    to_status: "paid" | "failed" | "canceled" | "expired";
                    reason: string;
                    evidence?: string;
                    amount?: number;
                };
            };
        };
        responses: {
            /** @description The corrected payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Proposed: another operator must agree. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                type?: "payment.created" | "payment.pending" | "payment.authorized" | "payment.paid" | "payment.failed" | "payment.canceled" | "payment.expired" | "payment.refunded" | "payment.refund_failed" | "payment.disputed" | "payment.dispute_closed" | "payment.fiscal_updated" | "payment.fulfillment_updated" | "payment.corrected" | "exception.raised" | "exception.resolved";
                payment_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    readEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An event: its own name, the same on every try and replay. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
        };
    };
    listDestinations: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of destinations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Destination"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createDestination: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "crm",
                 *       "url": "https://crm.example/payments",
                 *       "event_types": [
                 *         "payment.*"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    kind: "crm" | "erp" | "fiscal" | "fulfillment" | "notification" | "reconciliation" | "other";
                    url: string;
                    event_types: ("*" | "payment.*" | "exception.*" | "payment.created" | "payment.pending" | "payment.authorized" | "payment.paid" | "payment.failed" | "payment.canceled" | "payment.expired" | "payment.refunded" | "payment.refund_failed" | "payment.disputed" | "payment.dispute_closed" | "payment.fiscal_updated" | "payment.fulfillment_updated" | "payment.corrected" | "exception.raised" | "exception.resolved")[];
                    headers?: {
                        [key: string]: string;
                    };
                    /** @default false */
                    ordered?: boolean;
                    /**
                     * @default retry
                     * @enum {string}
                     */
                    on_timeout?: "retry" | "hold";
                    description?: string;
                    max_per_second?: number;
                    timeout_ms?: number;
                };
            };
        };
        responses: {
            /** @description The destination, with its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationWithSecret"];
                };
            };
        };
    };
    readDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The destination. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
        };
    };
    deleteDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is told nothing more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ordered": true,
                 *       "max_per_second": null
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    kind?: "crm" | "erp" | "fiscal" | "fulfillment" | "notification" | "reconciliation" | "other";
                    url?: string;
                    event_types?: ("*" | "payment.*" | "exception.*" | "payment.created" | "payment.pending" | "payment.authorized" | "payment.paid" | "payment.failed" | "payment.canceled" | "payment.expired" | "payment.refunded" | "payment.refund_failed" | "payment.disputed" | "payment.dispute_closed" | "payment.fiscal_updated" | "payment.fulfillment_updated" | "payment.corrected" | "exception.raised" | "exception.resolved")[];
                    ordered?: boolean;
                    /** @enum {string} */
                    on_timeout?: "retry" | "hold";
                    headers?: {
                        [key: string]: string;
                    } | null;
                    description?: string | null;
                    max_per_second?: number | null;
                    timeout_ms?: number | null;
                };
            };
        };
        responses: {
            /** @description The destination. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
        };
    };
    rotateDestinationSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The destination, with its new secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationWithSecret"];
                };
            };
        };
    };
    testDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description How it went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationTest"];
                };
            };
        };
    };
    pauseDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The destination. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
        };
    };
    resumeDestination: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The destination. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
        };
    };
    replayEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-11-01T00:00:00Z",
                 *       "to": "2026-11-02T00:00:00Z",
                 *       "only": "failed"
                 *     }
                 */
                "application/json": {
                    /** Format: date-time */
                    from: string;
                    /** Format: date-time */
                    to: string;
                    event_types?: ("*" | "payment.*" | "exception.*" | "payment.created" | "payment.pending" | "payment.authorized" | "payment.paid" | "payment.failed" | "payment.canceled" | "payment.expired" | "payment.refunded" | "payment.refund_failed" | "payment.disputed" | "payment.dispute_closed" | "payment.fiscal_updated" | "payment.fulfillment_updated" | "payment.corrected" | "exception.raised" | "exception.resolved")[];
                    /** @enum {string} */
                    only: "failed" | "all";
                };
            };
        };
        responses: {
            /** @description The replay, which runs by itself. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    readDestinationLatency: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest tries, and how they spread. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationLatency"];
                };
            };
        };
    };
    listReplays: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of replays. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Replay"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    readReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A destination: a business system’s address. */
                id: string;
                /** @description A replay. */
                replayId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The replay. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                status?: "pending" | "delivered" | "failed" | "held";
                destination_id?: string;
                payment_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    readDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A delivery: one event to one destination. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryWithAttempts"];
                };
            };
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A delivery: one event to one destination. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description It is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryWithAttempts"];
                };
            };
        };
    };
    listExceptions: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                status?: "open" | "resolved";
                kind?: "delivery_exhausted" | "report_mismatch" | "report_unmatched" | "late_payment" | "duplicate_payment" | "contradiction" | "in_doubt_too_long" | "fiscal_failed" | "dispute_opened" | "reconciliation_difference";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of exceptions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Exception"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    readException: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An exception: a person must look. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The exception. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exception"];
                };
            };
        };
    };
    resolveException: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An exception: a person must look. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "resolution": "refunded",
                 *       "note": "Returned to the customer at the bank."
                 *     }
                 */
                "application/json": {
                    resolution: string;
                    note: string;
                };
            };
        };
        responses: {
            /** @description The resolved exception. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exception"];
                };
            };
        };
    };
    listReconciliations: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of reconciliations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Reconciliation"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createReconciliation: {
        parameters: {
            query: {
                connection_id: string;
                layout?: "stripe_balance" | "arca_statement" | "ameriabank_statement" | "idram" | "generic";
                from: string;
                to: string;
                grace_days?: number;
                files?: number;
                mapping?: string;
            };
            header?: {
                /**
                 * @description A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.
                 * @example order-A-1001
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description It is stored, and compared by itself. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
        };
    };
    readReconciliation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A reconciliation. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reconciliation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
        };
    };
    addSettlementFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A reconciliation. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description It is stored. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
        };
    };
    runReconciliation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A reconciliation. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description It is under way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
        };
    };
    listReconciliationItems: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                outcome?: "matched" | "amount_difference" | "currency_difference" | "missing_here" | "missing_there" | "duplicate" | "fee";
            };
            header?: never;
            path: {
                /** @description A reconciliation. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of rows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ReconciliationItem"][];
                        /** @description Send it as `cursor` for the next page; null on the last one. */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    exportReconciliationItems: {
        parameters: {
            query?: {
                outcome?: "matched" | "amount_difference" | "currency_difference" | "missing_here" | "missing_there" | "duplicate" | "fee";
            };
            header?: never;
            path: {
                /** @description A reconciliation. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv; charset=utf-8": string;
                };
            };
        };
    };
}

/** The codes of refusals. None is ever renamed; new ones may come. */
export type ProblemCode =
    "malformed_body" |
    "idempotency_key_missing" |
    "unauthorized" |
    "provider_declined" |
    "forbidden" |
    "not_found" |
    "method_not_allowed" |
    "idempotency_in_progress" |
    "order_locked" |
    "order_already_paid" |
    "order_expired" |
    "previous_attempt_in_doubt" |
    "too_many_attempts" |
    "not_allowed_now" |
    "body_too_large" |
    "unsupported_media_type" |
    "validation_failed" |
    "idempotency_key_reused" |
    "order_token_invalid" |
    "order_token_expired" |
    "order_token_superseded" |
    "quote_refused" |
    "amount_mismatch" |
    "currency_mismatch" |
    "rate_limited" |
    "internal_error" |
    "provider_unavailable" |
    "quote_unavailable" |
    "temporarily_unavailable"

/** Where a POST carries an Idempotency-Key. */
export const keyedPaths: readonly string[] = [
    "/v1/payment-sessions",
    "/v1/payment-sessions/{id}/cancel",
    "/v1/payments/{id}/capture",
    "/v1/payments/{id}/cancel",
    "/v1/payments/{id}/refunds",
    "/v1/payments/{id}/sync",
    "/v1/payments/{id}/fiscal-receipts",
    "/v1/payments/{id}/fulfillment",
    "/v1/payments/{id}/corrections",
    "/v1/reconciliations",
]
