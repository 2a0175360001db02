// Nest on Fastify with the DTO of noop.runner.ts and its own ValidationPipe. Decorators are applied by hand: this file is not
// compiled.
import 'reflect-metadata';
import { Body, Controller, Get, HttpCode, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

class Applicant {}
const rules = {
  name: [IsString(), MaxLength(100)],
  email: [IsEmail()],
  age: [IsInt(), Min(0), Max(150)],
  income: [IsNumber(), Min(0)],
  housing: [IsIn(['owner', 'tenant', 'other'])],
  employed: [IsBoolean()],
  tags: [IsString({ each: true })],
  comment: [IsOptional(), IsString()],
};
for (const [name, decorators] of Object.entries(rules)) {
  decorators.forEach((decorator) => decorator(Applicant.prototype, name));
}

class PredictController {
  predict(applicant) {
    return { accepted: applicant.employed };
  }
  health() {
    return { status: 'ok' };
  }
}
const decorate = (method, ...decorators) => {
  const descriptor = Object.getOwnPropertyDescriptor(PredictController.prototype, method);
  decorators.forEach((decorator) => decorator(PredictController.prototype, method, descriptor));
};
decorate('predict', Post('predict'), HttpCode(200));
decorate('health', Get('healthz'));
Body()(PredictController.prototype, 'predict', 0);
Reflect.defineMetadata('design:paramtypes', [Applicant], PredictController.prototype, 'predict');
Controller()(PredictController);

class AppModule {}
Module({ controllers: [PredictController] })(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');
