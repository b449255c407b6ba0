<?php

declare(strict_types=1);

namespace Tollgate;

final readonly class Request
{
    /** @param array<string, string> $headers by lower-case names */
    public function __construct(
        public string $method,
        public string $url,
        public array $headers,
        public ?string $body = null,
    ) {
    }
}
