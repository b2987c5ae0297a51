package stormhooks;

import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.security.auth.Subject;
import org.apache.storm.security.auth.ReqContext;
import org.apache.storm.security.auth.SingleUserPrincipal;
import org.apache.storm.security.auth.tls.ReloadableTsslTransportFactory;
import org.apache.storm.security.auth.tls.TlsTransportPlugin;
import org.apache.storm.thrift.TProcessor;
import org.apache.storm.thrift.protocol.TBinaryProtocol;
import org.apache.storm.thrift.server.TServer;
import org.apache.storm.thrift.server.TThreadPoolServer;
import org.apache.storm.thrift.transport.TServerSocket;
import org.apache.storm.thrift.transport.TSocket;
import org.apache.storm.thrift.transport.TTransportException;

/**
 * Nimbus's TLS port as Storm has it since 2.8.7: a call succeeds on Java 15 and newer too,
 * and a client without a certificate is rejected. Up to 2.8.6 it is only requested.
 */
public class StrictTls extends TlsTransportPlugin {
    private int port;

    @Override
    public TServer getServer(TProcessor processor) throws IOException, TTransportException {
        TServerSocket socket;
        try {
            socket = ReloadableTsslTransportFactory.getServerSocket(
                    type.getPort(conf), type.getSocketTimeOut(conf), InetAddress.getLocalHost(), type, conf);
        } catch (Exception e) {
            throw new IOException(e);
        }
        SSLServerSocket listening = (SSLServerSocket) socket.getServerSocket();
        listening.setNeedClientAuth(type.isClientAuthRequired(conf));
        port = listening.getLocalPort();
        return new TThreadPoolServer(new TThreadPoolServer.Args(socket)
                .protocolFactory(new TBinaryProtocol.Factory(false, true))
                .processor((in, out) -> {
                    identify((SSLSocket) ((TSocket) in.getTransport()).getSocket());
                    processor.process(in, out);
                }));
    }

    private static void identify(SSLSocket client) {
        String name = "CN=ANONYMOUS";
        try {
            name = ((X509Certificate) client.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
        } catch (SSLPeerUnverifiedException e) {
            // no certificate was required
        }
        Subject subject = new Subject();
        subject.getPrincipals().add(new SingleUserPrincipal(name));
        ReqContext.context().setRemoteAddress(client.getInetAddress());
        ReqContext.context().setSubject(subject);
    }

    @Override
    public int getPort() {
        return port;
    }
}
