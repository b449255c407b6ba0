<?php

declare(strict_types=1);

namespace App\Http\Middleware;

use Closure;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;
use Tollgate\Event;
use Tollgate\UnverifiedEvent;

/** Lets a request through when the gateway has signed it, with its event as the attribute `event`. */
final class VerifyTollgateEvent
{
    public function handle(Request $request, Closure $next): Response
    {
        try {
            // The bytes as they came: what is parsed and written again has another signature.
            $event = Event::verify($request->getContent(), $request->headers->all(), config('tollgate.event_secrets'));
        } catch (UnverifiedEvent) {
            return response('Not signed by the gateway.', 401);
        }
        $request->attributes->set('event', $event);
        return $next($request);
    }
}
