<?php
// The PHP client without a network: what it sends again, under which key, how long it waits, and which events it takes.
// Ends with how many checks passed; a failed one is named.

declare(strict_types=1);

namespace Tollgate\Test;

use Tollgate\Client;
use Tollgate\Event;
use Tollgate\NoAnswer;
use Tollgate\Problem;
use Tollgate\Request;
use Tollgate\Response;
use Tollgate\Transport;
use Tollgate\TransportFailed;
use Tollgate\UnverifiedEvent;
use Tollgate\World;

require __DIR__ . '/../../clients/php/autoload.php';

/** A gateway that gives these answers, one after the other and the last one for ever; null is no answer. */
final class Scripted implements Transport
{
    /** @var list<Request> */
    public array $sent = [];

    public function __construct(private readonly array $answers)
    {
    }

    public function sendRequest(Request $request): Response
    {
        $answer = $this->answers[min(count($this->sent), count($this->answers) - 1)];
        $this->sent[] = $request;
        return $answer ?? throw new TransportFailed('The network is down.');
    }

    /** @return list<string|null> */
    public function keys(): array
    {
        return array_map(static fn (Request $request): ?string => $request->headers['idempotency-key'] ?? null, $this->sent);
    }
}

/** A clock that nobody waits for, and chance that is always the same. */
final class StillWorld extends World
{
    /** @var list<float> */
    public array $waits = [];
    private int $keys = 0;

    public function now(): int
    {
        return 1_800_000_000 + (int) array_sum($this->waits);
    }

    public function wait(float $seconds): void
    {
        $this->waits[] = $seconds;
    }

    public function chance(): float
    {
        return 0.5;
    }

    public function newKey(): string
    {
        return 'key-' . ++$this->keys;
    }
}

function problem(int $status, string $code, array $headers = []): Response
{
    $body = ['code' => $code, 'detail' => 'Because.', 'status' => $status];
    return new Response($status, ['request-id' => 'req_1'] + $headers, json_encode($body));
}

/** @return array{Client, Scripted, StillWorld} */
function aClient(?Response ...$answers): array
{
    [$transport, $world] = [new Scripted($answers), new StillWorld()];
    return [new Client('https://pay.example/', 'sk_test_made_up', $transport, world: $world), $transport, $world];
}

function thrownBy(callable $call): ?\Throwable
{
    try {
        $call();
        return null;
    } catch (\Throwable $thrown) {
        return $thrown;
    }
}

$opened = new Response(201, [], '{"id":"ps_1"}');
$order = ['order_id' => 'A-1', 'amount' => 100, 'currency' => 'AMD', 'return_url' => 'https://shop.example/thanks'];
$retried = [
    'no answer' => null,
    '429' => problem(429, 'rate_limited'),
    '500' => problem(500, 'internal_error'),
    '503' => problem(503, 'provider_unavailable'),
    'a proxy’s 502' => new Response(502, [], '<h1>Bad gateway</h1>'),
    'the first one still running' => problem(409, 'idempotency_in_progress'),
];
$secrets = array_map(static fn (string $byte): string => 'whsec_' . base64_encode(str_repeat($byte, 32)), ['a', 'b']);
$payload = '{"type":"payment.paid","timestamp":"2026-11-30T00:00:00.000Z","data":{"event_id":"evt_1","payment":{"amount":100}}}';
$now = 1_800_000_000;
$signed = static function (string $secret, int $at) use ($payload): array {
    $mac = hash_hmac('sha256', "evt_1.$at.$payload", base64_decode(substr($secret, 6)), true);
    return ['Webhook-Id' => 'evt_1', 'Webhook-Timestamp' => (string) $at, 'Webhook-Signature' => 'v1,' . base64_encode($mac)];
};

$checks = [
    'a call goes to its route with the key' => function (): bool {
        [$client, $gateway] = aClient(new Response(200, [], '{"status":"paid"}'));
        $payment = $client->readPayment('pay_1');
        $sent = $gateway->sent[0];
        return $payment === ['status' => 'paid'] && $sent->url === 'https://pay.example/v1/payments/pay_1'
            && $sent->headers['authorization'] === 'Bearer sk_test_made_up' && $gateway->keys() === [null];
    },
    'a key is fresh for each call and the same over its tries' => function () use ($opened, $order): bool {
        [$client, $gateway] = aClient(null, problem(503, 'provider_unavailable'), $opened, $opened);
        $client->openSession($order);
        $client->openSession($order);
        return $gateway->keys() === ['key-1', 'key-1', 'key-1', 'key-2']
            && $gateway->sent[0]->body === $gateway->sent[2]->body;
    },
    'a key is the caller’s where the caller names one' => function () use ($opened, $order): bool {
        [$client, $gateway] = aClient($opened);
        $client->openSession($order, 'order-A-1');
        return $gateway->keys() === ['order-A-1'];
    },
    'an empty body is an object' => function () use ($opened): bool {
        [$client, $gateway] = aClient($opened);
        $client->refund('pay_1');
        return $gateway->sent[0]->body === '{}';
    },
    'a wait doubles, by chance shortened' => function () use ($opened, $order): bool {
        [$client, , $world] = aClient(null, null, null, $opened);
        $client->openSession($order);
        return $world->waits === [0.25, 0.5, 1.0];
    },
    'a wait is what Retry-After asks for, in either form' => function () use ($opened, $order): bool {
        $date = gmdate('D, d M Y H:i:s', 1_800_000_000 + 7 + 7) . ' GMT';
        [$client, , $world] = aClient(
            problem(429, 'rate_limited', ['retry-after' => '7']),
            problem(429, 'rate_limited', ['retry-after' => $date]),
            $opened,
        );
        $client->openSession($order);
        return $world->waits === [7.0, 7.0];
    },
    'a wait that would end too late is not begun' => function () use ($order): bool {
        [$client, , $world] = aClient(problem(429, 'rate_limited', ['retry-after' => '120']));
        $thrown = thrownBy(fn () => $client->openSession($order));
        return $thrown instanceof Problem && $thrown->retryAfterSeconds === 120 && $world->waits === [];
    },
    'what is thrown after the last try tells code, words, request and key' => function () use ($order): bool {
        [$client, $gateway] = aClient(problem(503, 'provider_unavailable'));
        $thrown = thrownBy(fn () => $client->openSession($order));
        return $thrown instanceof Problem && count($gateway->sent) === 4
            && $thrown->getMessage() === '503 provider_unavailable: Because.'
            && $thrown->requestId === 'req_1' && $thrown->idempotencyKey === 'key-1';
    },
    'what is thrown when nothing is heard keeps the key, and tells no query' => function (): bool {
        [$client] = aClient(null);
        $thrown = thrownBy(fn () => $client->read('/v1/payment-sessions/ps_1', ['client_secret' => 'made_up']));
        return $thrown instanceof NoAnswer && $thrown->getMessage() === 'No answer to GET /v1/payment-sessions/ps_1.'
            && thrownBy(fn () => aClient(null)[0]->openSession([]))?->idempotencyKey === 'key-1';
    },
    'an event is read under any of several secrets' => fn (): bool => array_map(
        fn (string $secret): mixed => Event::verify($payload, $signed($secret, $now), $secrets, now: $now)->data['payment']['amount'],
        $secrets,
    ) === [100, 100],
    'an event is read from headers that are lists, and from several signatures' => function () use ($payload, $signed, $secrets, $now): bool {
        $headers = $signed($secrets[0], $now);
        $headers['Webhook-Signature'] = "v1a,other v1,bm9uZQ== {$headers['Webhook-Signature']}";
        $lists = array_map(static fn (string $value): array => [$value], $headers);
        return Event::verify($payload, $lists, $secrets[0], now: $now)->id === 'evt_1';
    },
];
foreach ($retried as $what => $answer) {
    $checks["a try with $what is made again"] = function () use ($answer, $opened, $order): bool {
        [$client, $gateway] = aClient($answer, $opened);
        return $client->openSession($order) === ['id' => 'ps_1'] && count($gateway->sent) === 2;
    };
}
foreach ([[409, 'order_already_paid'], [422, 'validation_failed'], [402, 'provider_declined']] as [$status, $code]) {
    $checks["a try with $code is not made again"] = function () use ($status, $code, $opened, $order): bool {
        [$client, $gateway] = aClient(problem($status, $code), $opened);
        $thrown = thrownBy(fn () => $client->openSession($order));
        return $thrown instanceof Problem && $thrown->problemCode === $code && count($gateway->sent) === 1;
    };
}
$refused = [
    'changed' => [str_replace('100', '999', $payload), $signed($secrets[0], $now), $secrets[0]],
    'signed by another' => [$payload, $signed($secrets[1], $now), $secrets[0]],
    'old' => [$payload, $signed($secrets[0], $now - 301), $secrets[0]],
    'from the future' => [$payload, $signed($secrets[0], $now + 301), $secrets[0]],
    'not signed' => [$payload, [], $secrets[0]],
    'verified without a secret' => [$payload, $signed($secrets[0], $now), []],
];
foreach ($refused as $what => $arguments) {
    $checks["an event that is $what is refused"] = fn (): bool =>
        thrownBy(fn () => Event::verify(...$arguments, now: $now)) instanceof UnverifiedEvent;
}

$failed = [];
foreach ($checks as $name => $check) {
    try {
        $isFine = $check();
    } catch (\Throwable $thrown) {
        $isFine = false;
        $name .= " ($thrown)";
    }
    if (!$isFine) {
        $failed[] = $name;
    }
}
foreach ($failed as $name) {
    echo "FAILED $name\n";
}
echo count($checks) - count($failed), ' passed, ', count($failed), " failed\n";
