<?php

declare(strict_types=1);

namespace App\Http\Controllers;

use App\Jobs\HandleTollgateEvent;
use Illuminate\Http\Request;
use Illuminate\Http\Response;

/** Takes an event: once the queue has it, the gateway may forget it. */
final class TollgateEventController
{
    public function __invoke(Request $request): Response
    {
        $event = $request->attributes->get('event');
        HandleTollgateEvent::dispatch($event->id, $event->type, $event->data);
        return response()->noContent();
    }
}
