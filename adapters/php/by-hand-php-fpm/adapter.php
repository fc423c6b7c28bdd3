<?php

// A PHP page by hand, as tutorials write it (../by-hand-php/recipe.php), under php-fpm behind nginx.

declare(strict_types=1);

require __DIR__ . '/../server.php';

$fpm_program = 'php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
preg_match('~nginx/(\S+)~', shell_exec('nginx -v 2>&1'), $nginx);
preg_match('~PHP (\S+)~', shell_exec("$fpm_program -n -v"), $fpm);

$application = new Application('php-fpm, by hand', "PHP $fpm[1], nginx $nginx[1]", [
    'fields' => ['data', 'type', 'id', 'retry', 'comment'],
    'retryText' => true,
    'withoutData' => true,
    'lastEventId' => true,
    'disconnects' => true,
    'headers' => true,
    'status' => true,
]);

$folder = sys_get_temp_dir() . '/ssespec-' . bin2hex(random_bytes(8));
// nginx serves as another user, who has to reach the files of long bodies.
mkdir($folder, 0755);
$user = trim(shell_exec('id -un'));
$fpm_port = free_port();
$port = free_port();
$page = dirname(__DIR__) . '/by-hand-php/index.php';

file_put_contents("$folder/php-fpm.conf", <<<CONF
    [global]
    error_log = /dev/stderr
    log_level = warning
    daemonize = no

    [www]
    user = $user
    listen = 127.0.0.1:$fpm_port
    pm = static
    pm.max_children = 24
    env[SSESPEC_CONTROL] = $application->control
    ; As php.ini-production has them, whatever this machine's php.ini says.
    php_admin_value[output_buffering] = 4096
    php_admin_value[display_errors] = 0
    CONF);
file_put_contents("$folder/nginx.conf", <<<CONF
    daemon off;
    pid $folder/nginx.pid;
    error_log stderr;
    events {}
    http {
        access_log off;
        client_body_temp_path $folder/client_body;
        fastcgi_temp_path $folder/fastcgi;
        proxy_temp_path $folder/proxy;
        scgi_temp_path $folder/scgi;
        uwsgi_temp_path $folder/uwsgi;
        server {
            listen 127.0.0.1:$port;
            location / {
                fastcgi_pass 127.0.0.1:$fpm_port;
                fastcgi_param SCRIPT_FILENAME $page;
                fastcgi_param REQUEST_METHOD \$request_method;
                fastcgi_param REQUEST_URI \$request_uri;
            }
        }
    }
    CONF);

// php-fpm leaves the process group, with which the harness ends an adapter that does not end by itself.
$fpm = start(['setpriv', '--pdeathsig', 'TERM', $fpm_program, '-n', '-R', '-F', '-y', "$folder/php-fpm.conf"], $fpm_port);
$nginx = start(['nginx', '-e', 'stderr', '-p', $folder, '-c', "$folder/nginx.conf"], $port);
$application->run(["http://127.0.0.1:$port"], static function () use ($nginx, $fpm, $folder): void {
    proc_terminate($nginx);
    proc_terminate($fpm);
    remove($folder);
});

function remove(string $path): void
{
    if (!is_dir($path)) {
        // A server that is about to end removes files too.
        @unlink($path);
        return;
    }
    foreach (array_diff(scandir($path), ['.', '..']) as $name) {
        remove("$path/$name");
    }
    rmdir($path);
}
