<?php

declare(strict_types=1);

namespace Tollgate;

/** Carries one request, as a PSR-18 client does; hand in your own to go through Guzzle, a proxy or a test. */
interface Transport
{
    /** Every answer is returned, refusals too, and no redirect is followed. Throws `TransportFailed` when none came. */
    public function sendRequest(Request $request): Response;
}
