<?php

declare(strict_types=1);

namespace Tollgate;

/** Time and chance, which tests hand in. */
class World
{
    /** Seconds since the epoch. */
    public function now(): int
    {
        return time();
    }

    public function wait(float $seconds): void
    {
        usleep((int) round($seconds * 1_000_000));
    }

    /** From 0 to 1. */
    public function chance(): float
    {
        return mt_rand() / mt_getrandmax();
    }

    /** A name that nobody else chooses. */
    public function newKey(): string
    {
        return bin2hex(random_bytes(16));
    }
}
