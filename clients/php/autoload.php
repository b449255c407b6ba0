<?php
// For projects without Composer: require this file, and the classes of the folder are found.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/src/' . substr($class, strlen('Tollgate\\')) . '.php';
    if (str_starts_with($class, 'Tollgate\\') && is_file($file)) {
        require $file;
    }
});
