<?php

declare(strict_types=1);

namespace app\controllers;

use app\models\Order;
use Tollgate\Event;
use Tollgate\UnverifiedEvent;
use Yii;
use yii\db\IntegrityException;
use yii\web\Controller;
use yii\web\Response;

/** Hears the gateway's events. */
final class TollgateController extends Controller
{
    /** The gateway has no session and no CSRF token, it has a signature. */
    public $enableCsrfValidation = false;

    public function actionEvents(): Response
    {
        $request = Yii::$app->request;
        $response = Yii::$app->response;
        try {
            // The bytes as they came: what is parsed and written again has another signature.
            $event = Event::verify(
                $request->getRawBody(),
                $request->getHeaders()->toArray(),
                Yii::$app->params['tollgateEventSecrets'],
            );
        } catch (UnverifiedEvent) {
            $response->statusCode = 401;
            return $response;
        }
        if ($event->type === 'payment.paid') {
            $this->markPaid($event);
        }
        // Whatever goes wrong before this line is answered 500, and the event comes again.
        $response->statusCode = 204;
        return $response;
    }

    /** In one transaction: an event that is noted was acted on. */
    private function markPaid(Event $event): void
    {
        $payment = $event->data['payment'];
        $transaction = Yii::$app->db->beginTransaction();
        try {
            Yii::$app->db->createCommand()->insert('tollgate_event', ['event_id' => $event->id])->execute();
            Order::updateAll(
                ['paid_at' => $payment['paid_at'], 'payment_id' => $payment['id']],
                ['number' => $payment['order_id'], 'paid_at' => null],
            );
            $transaction->commit();
        } catch (IntegrityException) {
            // It came before.
            $transaction->rollBack();
        } catch (\Throwable $failure) {
            $transaction->rollBack();
            throw $failure;
        }
    }
}
