<?php

declare(strict_types=1);

namespace Tollgate;

/** A refusal in the gateway's own words (RFC 9457). Program against `problemCode`; show nobody `detail`. */
final class Problem extends \RuntimeException
{
    /**
     * @param string $problemCode such as `order_already_paid`; `unreadable_answer` when somebody between answered
     * @param string|null $requestId under which the gateway has logged the call
     * @param string|null $idempotencyKey with which the call can be made again without being carried out twice
     * @param array<string, mixed> $body the whole problem; some codes carry further members
     */
    private function __construct(
        public readonly string $problemCode,
        public readonly int $status,
        public readonly string $detail,
        public readonly ?string $requestId,
        public readonly ?int $retryAfterSeconds,
        public readonly ?string $idempotencyKey,
        public readonly array $body,
    ) {
        parent::__construct("$status $problemCode: $detail");
    }

    public static function of(Request $request, Response $response, int $now): self
    {
        $read = json_decode($response->body, true);
        $body = is_array($read) ? $read : [];
        $code = $body['code'] ?? null;
        $detail = $body['detail'] ?? null;
        return new self(
            is_string($code) ? $code : 'unreadable_answer',
            $response->status,
            is_string($detail) ? $detail : 'The answer is no problem of the gateway; somebody between may have given it.',
            $response->headers['request-id'] ?? null,
            self::secondsOf($response->headers['retry-after'] ?? null, $now),
            $request->headers['idempotency-key'] ?? null,
            $body,
        );
    }

    /** Of a `Retry-After` in either of its forms. */
    private static function secondsOf(?string $value, int $now): ?int
    {
        if ($value === null) {
            return null;
        }
        $at = ctype_digit($value) ? $now + (int) $value : strtotime($value);
        return $at === false ? null : max(0, $at - $now);
    }
}
