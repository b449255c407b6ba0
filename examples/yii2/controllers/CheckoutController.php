<?php

declare(strict_types=1);

namespace app\controllers;

use app\models\Order;
use Tollgate\Client;
use Tollgate\NoAnswer;
use Tollgate\Problem;
use Yii;
use yii\filters\AccessControl;
use yii\filters\VerbFilter;
use yii\helpers\Url;
use yii\web\Controller;
use yii\web\NotFoundHttpException;
use yii\web\Response;

/** Sends the customer to the checkout of an order. The amount comes from the order, never from the request. */
final class CheckoutController extends Controller
{
    public function __construct($id, $module, private readonly Client $tollgate, $config = [])
    {
        parent::__construct($id, $module, $config);
    }

    public function behaviors(): array
    {
        return [
            'access' => ['class' => AccessControl::class, 'rules' => [['allow' => true, 'roles' => ['@']]]],
            'verbs' => ['class' => VerbFilter::class, 'actions' => ['open' => ['POST']]],
        ];
    }

    public function actionOpen(int $id): Response
    {
        $order = Order::findOne(['id' => $id, 'user_id' => Yii::$app->user->id]);
        if ($order === null) {
            throw new NotFoundHttpException('There is no such order.');
        }
        $orderPage = ['order/view', 'id' => $order->id];
        try {
            // Another click is another call, and finds the session that is open already.
            $session = $this->tollgate->openSession([
                'order_id' => $order->number,
                'amount' => $order->total, // minor units
                'currency' => $order->currency,
                'return_url' => Url::to($orderPage, true),
            ]);
        } catch (Problem | NoAnswer $failure) {
            if (!($failure instanceof Problem && $failure->problemCode === 'order_already_paid')) {
                Yii::error($failure);
                Yii::$app->session->setFlash('error', 'Payment is not possible just now. Please try again.');
            }
            return $this->redirect($orderPage);
        }
        $order->updateAttributes(['payment_id' => $session['payment_id']]);
        return $this->redirect($session['checkout_url']);
    }
}
