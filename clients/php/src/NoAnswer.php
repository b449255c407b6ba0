<?php

declare(strict_types=1);

namespace Tollgate;

/**
 * No answer came. What was asked may have happened; `idempotencyKey` lets the same call be made again, later or in
 * another process, without it being carried out twice. The previous exception is the last failure.
 */
final class NoAnswer extends \RuntimeException
{
    public readonly ?string $idempotencyKey;

    public function __construct(Request $request, TransportFailed $failure)
    {
        // Not the query: it may hold a session's secret.
        parent::__construct("No answer to $request->method " . parse_url($request->url, PHP_URL_PATH) . '.', 0, $failure);
        $this->idempotencyKey = $request->headers['idempotency-key'] ?? null;
    }
}
