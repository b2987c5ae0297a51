package com.mycompany;

/** A main that submits and then fails. */
public class ExitsBadly {
    public static void main(String[] args) throws Exception {
        MyTopology.submit(args[0]);
        System.err.println("no DRPC server is known");
        System.exit(1);
    }
}
