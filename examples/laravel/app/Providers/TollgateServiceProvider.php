<?php

declare(strict_types=1);

namespace App\Providers;

use Illuminate\Support\Facades\Route;
use Illuminate\Support\ServiceProvider;
use Tollgate\Client;

/** Makes the client where a constructor asks for it, and mounts the routes. */
final class TollgateServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->app->singleton(Client::class, static fn (): Client => new Client(config('tollgate.url'), config('tollgate.key')));
    }

    public function boot(): void
    {
        Route::group([], base_path('routes/tollgate.php'));
    }
}
