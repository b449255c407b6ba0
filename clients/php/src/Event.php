<?php

declare(strict_types=1);

namespace Tollgate;

/** An event that the gateway sent, once its signature holds (Standard Webhooks). */
final readonly class Event
{
    /**
     * @param string $id take each once: the same event may come again, on a retry or a replay
     * @param string $type such as `payment.paid`, or `test`
     * @param array<string, mixed> $data `payment` is the payment at that moment, or null
     */
    private function __construct(public string $id, public string $type, public string $timestamp, public array $data)
    {
    }

    /**
     * Verifies a request and reads its event. Throws `UnverifiedEvent`.
     *
     * @param string $payload the body as it came, before anything parses it
     * @param array<string, string|list<string>> $headers by any case; frameworks that give lists of values are fine
     * @param string|list<string> $secrets the destination's `whsec_…`; several while one replaces another
     * @param int $toleranceSeconds how far the sender's clock may be off, or its request old
     */
    public static function verify(
        string $payload,
        array $headers,
        #[\SensitiveParameter] string|array $secrets,
        int $toleranceSeconds = 300,
        ?int $now = null,
    ): self {
        $headers = array_change_key_case($headers);
        [$id, $timestamp, $signatures] = array_map(
            static fn (string $name): string => (string) (is_array($headers[$name] ?? '') ? $headers[$name][0] ?? '' : $headers[$name] ?? ''),
            ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
        );
        if ($id === '' || !ctype_digit($timestamp)) {
            throw new UnverifiedEvent('The request has no webhook-id or no webhook-timestamp.');
        }
        if (!self::isGenuine("$id.$timestamp.$payload", $signatures, (array) $secrets)) {
            throw new UnverifiedEvent('No signature of the request was made with a secret that is known here.');
        }
        if (abs(($now ?? time()) - (int) $timestamp) > $toleranceSeconds) {
            throw new UnverifiedEvent('The request is too old, or the clocks differ.');
        }
        $event = json_decode($payload, true, 64, JSON_THROW_ON_ERROR);
        return new self($id, $event['type'], $event['timestamp'], $event['data']);
    }

    /** @param array<string> $secrets */
    private static function isGenuine(string $signed, string $signatures, #[\SensitiveParameter] array $secrets): bool
    {
        $isGenuine = false;
        foreach ($secrets as $secret) {
            $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
            if ($key === false || $key === '') {
                throw new \InvalidArgumentException('A secret is not whsec_ followed by base64.');
            }
            $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
            foreach (explode(' ', $signatures) as $given) {
                // In constant time, so that nobody learns a signature from how long its refusal takes.
                $isGenuine = hash_equals($expected, $given) || $isGenuine;
            }
        }
        return $isGenuine;
    }
}
