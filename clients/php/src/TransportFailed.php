<?php

declare(strict_types=1);

namespace Tollgate;

/** No whole answer came: the network failed, or the time was up. The request may have arrived all the same. */
final class TransportFailed extends \RuntimeException
{
}
