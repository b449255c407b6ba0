<?php

declare(strict_types=1);

namespace Tollgate;

/** PHP's own HTTP streams, which every PHP has. Certificates are verified, and no redirect is followed. */
final readonly class HttpTransport implements Transport
{
    private const LONGEST_ANSWER_BYTES = 16_000_000;

    /** @param float $timeoutSeconds how long the gateway may keep silent, while connecting and while answering */
    public function __construct(private float $timeoutSeconds = 20.0)
    {
    }

    public function sendRequest(Request $request): Response
    {
        $lines = array_map(
            static fn (string $name, string $value): string => "$name: $value",
            array_keys($request->headers),
            $request->headers,
        );
        $context = stream_context_create(['http' => [
            'method' => $request->method,
            'header' => $lines,
            'content' => $request->body ?? '',
            'timeout' => $this->timeoutSeconds,
            'protocol_version' => 1.1,
            'ignore_errors' => true,
            'follow_location' => 0,
        ]]);
        error_clear_last();
        $stream = @fopen($request->url, 'r', false, $context);
        if ($stream === false) {
            throw new TransportFailed(error_get_last()['message'] ?? 'The gateway cannot be reached.');
        }
        try {
            return $this->responseIn($stream);
        } finally {
            fclose($stream);
        }
    }

    /** @param resource $stream */
    private function responseIn($stream): Response
    {
        $body = stream_get_contents($stream, self::LONGEST_ANSWER_BYTES);
        $meta = stream_get_meta_data($stream);
        [$status, $headers] = self::headOf($meta['wrapper_data'] ?? []);
        if ($body === false || $meta['timed_out'] || strlen($body) < (int) ($headers['content-length'] ?? 0)) {
            throw new TransportFailed('The answer broke off.');
        }
        return new Response($status, $headers, $body);
    }

    /**
     * @param list<string> $lines
     * @return array{int, array<string, string>}
     */
    private static function headOf(array $lines): array
    {
        $status = 0;
        $headers = [];
        foreach ($lines as $line) {
            if (preg_match('#^HTTP/\S+ (\d{3})#', $line, $found) === 1) {
                // Of several answers, such as 100 Continue, the last one counts.
                $status = (int) $found[1];
                $headers = [];
            } elseif (str_contains($line, ':')) {
                [$name, $value] = explode(':', $line, 2);
                $headers[strtolower($name)] = trim($value);
            }
        }
        return [$status, $headers];
    }
}
