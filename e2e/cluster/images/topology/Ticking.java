package com.mycompany;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.topology.base.BaseRichSpout;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;
import org.apache.storm.utils.Utils;

/** Writes down when each of its tuples was processed: a tuple each 20 ms. What it writes says, too, when its parts began. */
public class Ticking {
    /** A line in the file that the topology's argument names, on the machine of the worker. */
    static void write(Path file, String what, TopologyContext context) {
        String line = System.currentTimeMillis() + " " + what + " " + context.getStormId() + "\n";
        try {
            Files.write(file, line.getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static class Ticks extends BaseRichSpout {
        private final String file;
        private transient TopologyContext context;
        private transient SpoutOutputCollector collector;
        private long number;

        Ticks(String file) {
            this.file = file;
        }

        @Override
        public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector collector) {
            this.context = context;
            this.collector = collector;
            write(Path.of(file), "open", context);
        }

        @Override
        public void activate() {
            write(Path.of(file), "activate", context);
        }

        @Override
        public void deactivate() {
            write(Path.of(file), "deactivate", context);
        }

        @Override
        public void nextTuple() {
            Utils.sleep(20);
            collector.emit(new Values(number), number++);
        }

        @Override
        public void ack(Object id) {
            write(Path.of(file), "ack", context);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("number"));
        }
    }

    public static class Counts extends BaseRichBolt {
        private final String file;
        private transient TopologyContext context;
        private transient OutputCollector collector;

        Counts(String file) {
            this.file = file;
        }

        @Override
        public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector collector) {
            this.context = context;
            this.collector = collector;
            write(Path.of(file), "prepare", context);
        }

        @Override
        public void execute(Tuple tuple) {
            write(Path.of(file), "tuple", context);
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }
    }

    public static void main(String[] args) throws Exception {
        String file = "/tmp/" + args[0];
        TopologyBuilder builder = new TopologyBuilder();
        builder.setSpout("ticks", new Ticks(file), 1);
        builder.setBolt("counts", new Counts(file), 1).shuffleGrouping("ticks");
        Config config = new Config();
        config.setNumWorkers(1);
        StormSubmitter.submitTopology(args[0], config, builder.createTopology());
    }
}
