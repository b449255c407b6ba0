<?php

declare(strict_types=1);

namespace App\Http\Controllers;

use App\Models\Order;
use Illuminate\Http\RedirectResponse;
use Illuminate\Support\Facades\Gate;
use Tollgate\Client;
use Tollgate\NoAnswer;
use Tollgate\Problem;

/** Sends the customer to the checkout of an order. The amount comes from the order, never from the request. */
final class CheckoutController
{
    public function __invoke(Order $order, Client $tollgate): RedirectResponse
    {
        Gate::authorize('pay', $order);
        try {
            // Another click is another call, and finds the session that is open already.
            $session = $tollgate->openSession([
                'order_id' => $order->number,
                'amount' => $order->total, // minor units
                'currency' => $order->currency,
                'return_url' => route('orders.show', $order),
            ]);
        } catch (Problem $problem) {
            if ($problem->problemCode === 'order_already_paid') {
                return to_route('orders.show', $order);
            }
            report($problem);
            return back()->with('error', __('Payment is not possible just now. You have not been charged.'));
        } catch (NoAnswer $silence) {
            report($silence);
            return back()->with('error', __('Payment is not possible just now. Please try again.'));
        }
        $order->update(['payment_id' => $session['payment_id']]);
        return redirect()->away($session['checkout_url']);
    }
}
