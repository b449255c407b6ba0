<?php

declare(strict_types=1);

namespace Tollgate;

/** The request was not signed with the destination's secret, or not lately. Answer it 401. */
final class UnverifiedEvent extends \RuntimeException
{
}
