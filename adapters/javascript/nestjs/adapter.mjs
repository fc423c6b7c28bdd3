import 'reflect-metadata';

import { Controller, HttpException, Module, NotFoundException, Req, Res, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { finalize, from } from 'rxjs';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: '@nestjs/core',
  features: { fields: ['data', 'type', 'id', 'retry', 'comment'], withoutData: true, lastEventId: true, disconnects: true, headers: true, status: true },
});

class EventsController {
  events(request, response) {
    const client = application.request(request.path, request.get('Last-Event-ID'));
    if (!client) throw new NotFoundException();
    if (client.status) throw new HttpException('', client.status);

    response.set(client.headers);
    return from(client.events()).pipe(finalize(() => client.left()));
  }
}

class EventsModule {}

// JavaScript has no decorators yet, so they are called.
Sse(':stream')(EventsController.prototype, 'events', Object.getOwnPropertyDescriptor(EventsController.prototype, 'events'));
Req()(EventsController.prototype, 'events', 0);
Res({ passthrough: true })(EventsController.prototype, 'events', 1);
Controller()(EventsController);
Module({ controllers: [EventsController] })(EventsModule);

// Its own logger writes to standard output.
const app = await NestFactory.create(EventsModule, { logger: console });
await app.listen(0, '127.0.0.1');
await application.run({ url: await app.getUrl() });
