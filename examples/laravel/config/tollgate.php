<?php

declare(strict_types=1);

return [
    'url' => env('TOLLGATE_URL'),
    'key' => env('TOLLGATE_KEY'),
    'event_secrets' => array_filter(explode(' ', (string) env('TOLLGATE_EVENT_SECRETS'))),
];
