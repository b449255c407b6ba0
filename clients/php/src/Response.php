<?php

declare(strict_types=1);

namespace Tollgate;

final readonly class Response
{
    /** @param array<string, string> $headers by lower-case names */
    public function __construct(public int $status, public array $headers, public string $body)
    {
    }
}
