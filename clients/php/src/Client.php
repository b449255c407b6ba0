<?php

declare(strict_types=1);

namespace Tollgate;

/**
 * What a shop's back end asks of one deployment. A call gives what a success answers, as an array; it throws `Problem`
 * when the gateway refuses and `NoAnswer` when nothing is heard. Amounts are in minor units: 1250000 is 12500.00 AMD.
 */
final class Client
{
    private const FIRST_WAIT_SECONDS = 0.5;
    private const LONGEST_WAIT_SECONDS = 8.0;

    /**
     * @param string $url where the deployment is, such as `https://pay.example`
     * @param string $key a secret key
     * @param int $tries how often a call is sent at most; 1 never repeats
     * @param int $withinSeconds no further try begins when this much has passed, however long `Retry-After` asks to wait
     */
    public function __construct(
        private readonly string $url,
        #[\SensitiveParameter] private readonly string $key,
        private readonly Transport $transport = new HttpTransport(),
        private readonly int $tries = 4,
        private readonly int $withinSeconds = 60,
        private readonly World $world = new World(),
    ) {
    }

    /**
     * Opens a payment session; send the customer to its `checkout_url`.
     *
     * @param array<string, mixed> $order `order_id`, `amount`, `currency`, `return_url` and what else `/docs` names
     * @param string|null $idempotencyKey one for each time that a customer wants to pay, such as the order's number and
     *                                    a counter; the client's own is fresh for each call
     * @return array<string, mixed>
     */
    public function openSession(array $order, ?string $idempotencyKey = null): array
    {
        return $this->command('/v1/payment-sessions', $order, $idempotencyKey);
    }

    /** @return array<string, mixed> */
    public function readPayment(string $paymentId): array
    {
        return $this->read('/v1/payments/' . rawurlencode($paymentId));
    }

    /**
     * Gives money back: all that is left, or `$amount` of it. 'in_doubt' tells whether it is certain yet.
     *
     * @return array<string, mixed>
     */
    public function refund(string $paymentId, ?int $amount = null, ?string $idempotencyKey = null): array
    {
        $body = $amount === null ? [] : ['amount' => $amount];
        return $this->command('/v1/payments/' . rawurlencode($paymentId) . '/refunds', $body, $idempotencyKey);
    }

    /**
     * Any GET of `/docs`.
     *
     * @param array<string, string|int> $query
     * @return array<string, mixed>
     */
    public function read(string $path, array $query = []): array
    {
        return $this->persist($this->request('GET', $path . ($query === [] ? '' : '?' . http_build_query($query))));
    }

    /**
     * Any POST of `/docs` that takes an Idempotency-Key.
     *
     * @param array<string, mixed> $body
     * @return array<string, mixed>
     */
    public function command(string $path, array $body, ?string $idempotencyKey = null): array
    {
        $json = json_encode((object) $body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
        $headers = [
            'content-type' => 'application/json',
            'idempotency-key' => $idempotencyKey ?? $this->world->newKey(),
        ];
        return $this->persist($this->request('POST', $path, $headers, $json));
    }

    /** @param array<string, string> $headers */
    private function request(string $method, string $path, array $headers = [], ?string $body = null): Request
    {
        $own = ['authorization' => "Bearer $this->key", 'accept' => 'application/json', 'connection' => 'close'];
        return new Request($method, rtrim($this->url, '/') . $path, $own + $headers, $body);
    }

    /**
     * Sends until there is an answer. It may repeat whatever it is given: reads, and commands whose key stays the same.
     *
     * @return array<string, mixed>
     */
    private function persist(Request $request): array
    {
        $endsAt = $this->world->now() + $this->withinSeconds;
        for ($tries = 1; ; $tries++) {
            $outcome = $this->tryOnce($request);
            if (is_array($outcome)) {
                return $outcome;
            }
            $seconds = $this->waitAfter($outcome, $tries);
            $isLast = $tries >= $this->tries || $this->world->now() + $seconds > $endsAt;
            if ($isLast || !self::mayPass($outcome)) {
                throw $outcome;
            }
            $this->world->wait($seconds);
        }
    }

    /** @return array<string, mixed>|Problem|NoAnswer */
    private function tryOnce(Request $request): array|Problem|NoAnswer
    {
        try {
            $response = $this->transport->sendRequest($request);
        } catch (TransportFailed $failure) {
            return new NoAnswer($request, $failure);
        }
        $answer = json_decode($response->body, true);
        if ($response->status >= 200 && $response->status < 300 && is_array($answer)) {
            return $answer;
        }
        return Problem::of($request, $response, $this->world->now());
    }

    private static function mayPass(Problem|NoAnswer $outcome): bool
    {
        if ($outcome instanceof NoAnswer) {
            return true;
        }
        $isBusy = $outcome->status === 429 || $outcome->problemCode === 'idempotency_in_progress';
        return $isBusy || $outcome->status >= 500;
    }

    /** As long as the gateway asks; else at random within a limit that doubles, so that callers do not come back as one. */
    private function waitAfter(Problem|NoAnswer $outcome, int $tries): float
    {
        if ($outcome instanceof Problem && $outcome->retryAfterSeconds !== null) {
            return $outcome->retryAfterSeconds;
        }
        $limit = min(self::LONGEST_WAIT_SECONDS, self::FIRST_WAIT_SECONDS * 2 ** ($tries - 1));
        return $this->world->chance() * $limit;
    }
}
