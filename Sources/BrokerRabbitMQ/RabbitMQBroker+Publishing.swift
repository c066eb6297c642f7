package import Distribution
internal import Logging

extension RabbitMQBroker {
    package func publish(jobs: [OutgoingJob]) async -> [Publication] {
        await publishers.publish(jobs: jobs)
    }

    package func publish(deadLetters: [DeadLetter]) async -> [Publication] {
        await publishers.publish(deadLetters: deadLetters)
    }

    package func publish(
        events: [OutgoingEvent], whenSent: @escaping @Sendable () -> Void
    ) async -> [Publication] {
        await publishers.publish(events: events, whenSent: whenSent)
    }

    package func publish(refusedPlan: RefusedPlanMessage) async -> Publication {
        await publishers.publish(refusedPlan: refusedPlan)
    }

    package func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Publication {
        await publishers.quarantine(message, as: error)
    }

    package func reply(_ reply: PlanReply) async {
        guard MessageDecoder.isDirectReply(reply.address) else {
            logger.warning("reply address ignored, only direct reply-to is answered")
            return
        }
        if await publishers.reply(reply) != .confirmed {
            logger.debug("reply lost, its asker is gone")
        }
    }
}
