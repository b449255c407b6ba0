<?php

declare(strict_types=1);

namespace App\Jobs;

use App\Models\Order;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Support\Facades\DB;

/** Does what an event asks of the shop, once, however often it comes. */
final class HandleTollgateEvent implements ShouldQueue
{
    use Dispatchable;
    use Queueable;

    public int $tries = 10;

    /** @param array<string, mixed> $data */
    public function __construct(
        public readonly string $eventId,
        public readonly string $type,
        public readonly array $data,
    ) {
    }

    public function handle(): void
    {
        if ($this->type !== 'payment.paid') {
            return;
        }
        $payment = $this->data['payment'];
        // In one transaction: an event that is noted was acted on, and one that failed comes again.
        DB::transaction(function () use ($payment): void {
            $isNew = DB::table('tollgate_events')->insertOrIgnore(['event_id' => $this->eventId]) === 1;
            if (!$isNew) {
                return;
            }
            Order::query()
                ->where('number', $payment['order_id'])
                ->whereNull('paid_at')
                ->update(['paid_at' => $payment['paid_at'], 'payment_id' => $payment['id']]);
        });
    }
}
