// Starts DynamoDB Local on 127.0.0.1 alone: its own main class listens on every address and has no option for it.
// Everything is kept in memory, one database for all keys and regions; nothing is reported to anybody.
// Prints `listening on PORT` once it does.

import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

public final class LoopbackDynamoDb {
    private LoopbackDynamoDb() {}

    public static void main(String[] arguments) throws Exception {
        boolean inMemory = true;
        boolean sharedDb = true;
        boolean delayTransientStatuses = false;
        var requests = new LocalDynamoDBRequestHandler(0, inMemory, null, sharedDb, delayTransientStatuses);
        var context = new ContextHandler();
        context.setHandler(new LocalDynamoDBServerHandler(requests, null));
        var handlers = new ContextHandlerCollection();
        handlers.addHandler(context);
        var server = new Server(new InetSocketAddress("127.0.0.1", 0));
        server.setHandler(handlers);
        server.start();
        System.out.println("listening on " + ((ServerConnector) server.getConnectors()[0]).getLocalPort());
        server.join();
    }
}
