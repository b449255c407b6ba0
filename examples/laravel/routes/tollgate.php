<?php

declare(strict_types=1);

use App\Http\Controllers\CheckoutController;
use App\Http\Controllers\TollgateEventController;
use App\Http\Middleware\VerifyTollgateEvent;
use Illuminate\Support\Facades\Route;

Route::post('/orders/{order}/checkout', CheckoutController::class)->middleware(['web', 'auth'])->name('checkout');

// Outside of `web`: the gateway has no session and no CSRF token, it has a signature.
Route::post('/tollgate/events', TollgateEventController::class)->middleware(VerifyTollgateEvent::class);
